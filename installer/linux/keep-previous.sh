# The executable that was the last to report that it is well stays beside the new one, under a second name: what the launcher goes back to.
# Without room for it, or before anything was well, there is none.
keep_previous() {
  folder=/usr/lib/rollcall
  [ -f "$folder/rollcall" ] && [ -f "$folder/release" ] || return 0
  installed=$(head -n 1 "$folder/release")
  # It belongs to the service's account: what is no plain file could keep root waiting for ever.
  [ -f /var/lib/rollcall/upgrade/confirmed ] || return 0
  confirmed=$(timeout 5 head -c 200 /var/lib/rollcall/upgrade/confirmed 2>/dev/null | head -n 1)
  [ -n "$installed" ] && [ "$installed" = "$confirmed" ] && [ "$installed" != '#RELEASE#' ] || return 0
  # Kept already: an upgrade that was interrupted may have left the new executable beside the old name.
  [ "$installed" != "$(head -n 1 "$folder/previous/release" 2>/dev/null)" ] || return 0
  mkdir -p "$folder/previous" && rm -f "$folder/previous/rollcall.new" && ln "$folder/rollcall" "$folder/previous/rollcall.new" &&
    printf '%s\n' "$installed" >"$folder/previous/release.new" &&
    mv -f "$folder/previous/rollcall.new" "$folder/previous/rollcall" &&
    mv -f "$folder/previous/release.new" "$folder/previous/release" ||
    echo "rollcall: $installed could not be kept beside the new one; an unhealthy upgrade could not go back to it" >&2
}
keep_previous || true
