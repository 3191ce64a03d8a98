# All that the package, "rollcall init" and the service made.
rm -rf /etc/rollcall /var/lib/rollcall
rm -rf /etc/systemd/system/rollcall.service.d
if getent passwd rollcall >/dev/null; then userdel rollcall >/dev/null 2>&1 || true; fi
