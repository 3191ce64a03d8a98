# The account and its folders; what is there stays as it is.
if ! getent passwd rollcall >/dev/null; then
  useradd --system --user-group --home-dir /var/lib/rollcall --no-create-home --shell /usr/sbin/nologin rollcall
fi
[ -d /etc/rollcall ] || install -d -m 0700 -o rollcall -g rollcall /etc/rollcall
[ -d /var/lib/rollcall ] || install -d -m 0700 -o rollcall -g rollcall /var/lib/rollcall
