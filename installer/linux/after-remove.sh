# The one that was kept to go back to is in no list of the package.
rm -rf /usr/lib/rollcall
