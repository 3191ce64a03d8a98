#!/bin/sh
# root acts as the service's account, so that what it writes belongs to the service; its right to read and write any file stays.
program=/usr/lib/rollcall/rollcall
if [ "$(id -u)" = 0 ] && id -u rollcall >/dev/null 2>&1; then
  exec setpriv --reuid=rollcall --regid=rollcall --init-groups --inh-caps=-all,+dac_override --ambient-caps=-all,+dac_override \
    --bounding-set=-all,+dac_override --no-new-privs -- "$program" "$@"
fi
exec "$program" "$@"
