if [ -d /run/systemd/system ]; then timeout 100 systemctl stop rollcall.service || true; fi
systemctl disable --quiet rollcall.service || true
