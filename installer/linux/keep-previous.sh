# The executable that was the last to report that it is well stays beside the new one, under a second name: what the launcher goes back to.
# Without room for it, or before anything was well, there is none.
keep_previous() {
  folder=/usr/lib/rollcall
  [ -f "$folder/rollcall" ] && [ -f "$folder/release" ] || return 0
  installed=$(head -n 1 "$folder/release")
  confirmed=$(head -n 1 /var/lib/rollcall/upgrade/confirmed 2>/dev/null)
  [ -n "$installed" ] && [ "$installed" = "$confirmed" ] && [ "$installed" != '#RELEASE#' ] || return 0
  mkdir -p "$folder/previous" && rm -f "$folder/previous/rollcall.new" && ln "$folder/rollcall" "$folder/previous/rollcall.new" &&
    printf '%s\n' "$installed" >"$folder/previous/release.new" &&
    mv -f "$folder/previous/rollcall.new" "$folder/previous/rollcall" &&
    mv -f "$folder/previous/release.new" "$folder/previous/release" ||
    echo "rollcall: $installed could not be kept beside the new one; an unhealthy upgrade could not go back to it" >&2
}
keep_previous || true
