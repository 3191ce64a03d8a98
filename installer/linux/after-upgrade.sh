# What ran is started anew. It says what came of it, and neither waits without end nor fails the package manager.
# The files belong to the service's account: what is no plain file could keep root waiting for ever.
told_release() {
  [ -f "/var/lib/rollcall/upgrade/$1" ] || return 0
  timeout 5 head -c 200 "/var/lib/rollcall/upgrade/$1" 2>/dev/null | head -n 1 || true
}
# Without room for a few files neither the new release nor the one before would come up: what runs is left to run.
has_room() {
  setpriv --reuid=rollcall --regid=rollcall --clear-groups sh -c \
    'umask 077; head -c 2097152 /dev/zero >/var/lib/rollcall/.room; ended=$?; rm -f /var/lib/rollcall/.room; exit "$ended"' 2>/dev/null
}
if [ -d /run/systemd/system ] && systemctl --quiet is-active rollcall.service; then
  verdict=
  seconds=0
  if has_room; then
    timeout 30 systemctl try-restart rollcall.service 2>/dev/null || true
  else
    verdict='rollcall: /var/lib/rollcall is full or cannot be written to. What ran still runs; make room, then say "systemctl restart rollcall".'
  fi
  while [ -z "$verdict" ]; do
    active=$(systemctl show --property=ActiveState --value rollcall.service 2>/dev/null || true)
    if [ "$(told_release refused)" = '#RELEASE#' ]; then
      if [ "$active" = active ]; then
        verdict="rollcall: #RELEASE# was refused, because it was not well here; $(head -n 1 /usr/lib/rollcall/previous/release) runs on. \"rollcall status\" says why."
      fi
    elif [ "$active" = active ]; then
      if [ "$(told_release confirmed)" = '#RELEASE#' ] || [ ! -e /usr/lib/rollcall/previous/rollcall ]; then verdict='rollcall: #RELEASE# runs.'; fi
    elif [ "$active" = inactive ]; then
      verdict='rollcall: the service has stopped; "systemctl status rollcall" says why.'
    fi
    if [ -z "$verdict" ] && [ "$seconds" -ge 40 ]; then
      verdict='rollcall: #RELEASE# is on trial; "rollcall status" tells what comes of it.'
    fi
    if [ -z "$verdict" ]; then sleep 1; fi
    seconds=$((seconds + 1))
  done
  echo "$verdict"
fi
