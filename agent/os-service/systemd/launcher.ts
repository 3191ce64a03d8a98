/**
 * The program `launch`, which lies beside the executable `rollcall` and starts it, or the release before it (`previous/rollcall`) while
 * the installed one is refused. A POSIX shell script: it has to work when no release of rollcall does.
 *
 * - `launch run …` is the service: a start of a release that has not said yet that it is well is counted in `STATE/upgrade/tried`, and
 *   after two of them the release is refused (`STATE/upgrade/refused`).
 * - `launch …` is a command of a person: the same choice, and nothing is written.
 *
 * The state directory is that of `--state`, else `/var/lib/rollcall`. Where nothing can be written a release is not tried: the one before
 * it is started, and standard error says why.
 */
export const launcherText = `#!/bin/sh
# Starts the installed release of rollcall, or the one before it when the installed one is not well.
#   launch run ...   the service; starts of a release that was never well are counted: two, then it is refused
#   launch ...       a command of a person: the same choice, and nothing is written
PATH=\${PATH:-/usr/sbin:/usr/bin:/sbin:/bin}
folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P) || exit 1

state=/var/lib/rollcall
is_next=no
for word in "$@"; do
  if [ "$is_next" = yes ]; then
    state=$word
    is_next=no
    continue
  fi
  case $word in
    # Its own --state is another one.
    -- | contacts) break ;;
    --state) is_next=yes ;;
    --state=*) state=\${word#--state=} ;;
  esac
done
upgrade=$state/upgrade

say() {
  printf 'rollcall launch: %s\\n' "$1" >&2
}

# The release that the first line of a file names; nothing when the file is missing, or holds something else.
release_in() {
  [ -f "$1" ] || return 0
  line=$(head -c 200 -- "$1" 2>/dev/null | tr -d '\\000\\r' | head -n 1)
  case $line in
    *[!0-9A-Za-z.+_~-]*) ;;
    *) printf '%s' "$line" ;;
  esac
}

head_of() {
  od -A n -v -t x1 -N 20 -- "$1" 2>/dev/null | tr -d ' \\n'
}

machine=$(head_of /bin/sh | cut -c 37-40)

# A program of this machine's kind, or a script. Anything else must not come to exec: a shell takes what the kernel refuses for a script.
can_run() {
  [ -f "$1" ] && [ -x "$1" ] || return 1
  case $(head_of "$1") in
    7f454c46????????????????????????????"$machine") ;;
    2321*) ;;
    *) return 1 ;;
  esac
}

tries() {
  [ -f "$upgrade/tried" ] || { echo 0; return; }
  tail -c 4096 -- "$upgrade/tried" 2>/dev/null | tr -d '\\000\\r' | grep -c -x -F -e "$release"
}

# Each begins a line of its own, whatever a power cut left of the one before.
add_try() {
  [ -f "$upgrade/tried" ] || [ ! -e "$upgrade/tried" ] || return 1
  before_it=$(tries)
  (umask 077 && mkdir -p -- "$upgrade" && printf '\\n%s\\n' "$release" >>"$upgrade/tried" && keep "$upgrade/tried") 2>/dev/null
  [ "$(tries)" -gt "$before_it" ]
}

keep() {
  sync -- "$1" 2>/dev/null || :
}

refuse() {
  say "$release is refused: $1; $before is started"
  [ "$counts" = yes ] || return 0
  (
    umask 077 && mkdir -p -- "$upgrade" && rm -f -- "$upgrade/refused.new" && printf '%s\\n%s\\n' "$release" "$1" >"$upgrade/refused.new" &&
      keep "$upgrade/refused.new" && mv -f -- "$upgrade/refused.new" "$upgrade/refused" && keep "$upgrade"
  ) 2>/dev/null
  [ "$release" = "$(release_in "$upgrade/refused")" ] || say "that could not be written down in $upgrade"
}

# Prints which one is to be started.
choose() {
  release=$(release_in "$folder/release")
  before=$(release_in "$folder/previous/release")
  can_run "$folder/previous/rollcall" || before=
  if [ -z "$before" ] || [ "$release" = "$before" ]; then
    echo rollcall
  elif [ -z "$release" ]; then
    if can_run "$folder/rollcall"; then
      echo rollcall
    else
      say "$folder/rollcall is damaged; $before is started"
      echo previous/rollcall
    fi
  elif [ "$release" = "$(release_in "$upgrade/confirmed")" ]; then
    echo rollcall
  elif [ "$release" = "$(release_in "$upgrade/refused")" ]; then
    echo previous/rollcall
  elif ! can_run "$folder/rollcall"; then
    refuse 'its file is damaged, or not for this machine'
    echo previous/rollcall
  elif [ "$(tries)" -ge 2 ]; then
    refuse 'it was started twice and did not say that it is well'
    echo previous/rollcall
  elif [ "$counts" = no ] || add_try; then
    echo rollcall
  else
    say "$upgrade cannot be written to, so $release is not tried; $before is started"
    echo previous/rollcall
  fi
}

counts=no
[ "\${1-}" = run ] && counts=yes
chosen=$folder/$(export LC_ALL=C && choose)
if ! can_run "$chosen"; then
  say "$chosen is missing or damaged: install the package again"
  exit 126
fi
exec "$chosen" "$@"
`;
