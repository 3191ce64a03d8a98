# The account and its folders; what is there stays as it is.
if ! getent passwd rollcall >/dev/null; then
  useradd --system --user-group --home-dir /var/lib/rollcall --no-create-home --shell /usr/sbin/nologin rollcall
fi
[ -d /etc/rollcall ] || install -d -m 0700 -o rollcall -g rollcall /etc/rollcall
[ -d /var/lib/rollcall ] || install -d -m 0700 -o rollcall -g rollcall /var/lib/rollcall
if [ -f /etc/systemd/system/rollcall.service ]; then
  echo 'rollcall: /etc/systemd/system/rollcall.service hides the service of this package. If "rollcall service install" made it, say' >&2
  echo 'rollcall: "/usr/local/bin/rollcall service uninstall" (configuration and state stay), then "systemctl enable --now rollcall".' >&2
fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
