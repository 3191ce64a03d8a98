# All that the package, "rollcall init" and the service made, unless "rollcall service install" has taken it over.
if [ -f /etc/systemd/system/rollcall.service ]; then
  echo 'rollcall: the service of /etc/systemd/system/rollcall.service uses /etc/rollcall and /var/lib/rollcall: they stay.' >&2
else
  rm -rf /etc/rollcall /var/lib/rollcall
  rm -rf /etc/systemd/system/rollcall.service.d
  if getent passwd rollcall >/dev/null; then userdel rollcall >/dev/null 2>&1 || true; fi
fi
