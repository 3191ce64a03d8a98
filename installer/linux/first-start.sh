# It waits for its configuration; a start that fails is told by the journal, and does not undo the installation.
systemctl enable --quiet rollcall.service || true
if [ -d /run/systemd/system ]; then
  timeout 100 systemctl start rollcall.service || true
  [ -e /etc/rollcall/config.json ] || echo 'rollcall is installed. "rollcall init" sets it up; then say "systemctl start rollcall".'
fi
