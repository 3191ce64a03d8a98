#!/bin/sh
# Installs rollcall as a service from this folder: ./install [words for "rollcall service install"]
set -e
folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
program=$folder/rollcall
say() { printf 'rollcall: %s\n' "$1" >&2; }

if [ "$(id -u)" != 0 ]; then
  say 'Installing a service needs root: sudo ./install'
  exit 1
fi
machine=$(uname -m)
if [ "$machine" != '#MACHINE#' ]; then
  say "This is the program for #MACHINE#, and this machine is $machine: take the other tarball."
  exit 1
fi
if ! told=$("$program" --version 2>&1); then
  say 'The program does not start on this system:'
  printf '%s\n' "$told" >&2
  case $told in
    *libatomic*)
      say 'The library libatomic is missing. Install it, then say ./install again:'
      say '  Debian, Ubuntu:        apt-get install libatomic1'
      say '  Fedora, RHEL, Alma:    dnf install libatomic'
      say '  openSUSE, SLES:        zypper install libatomic1'
      ;;
    *)
      if [ -z "$(ls /lib64/ld-linux-* /lib/ld-linux-* 2>/dev/null)" ] && [ -n "$(ls /lib/ld-musl-* 2>/dev/null)" ]; then
        say 'This system has musl in place of glibc (Alpine and its like), for which there is no rollcall.'
      else
        say 'It needs glibc 2.28 or newer, libstdc++, libgcc and libatomic.'
      fi
      ;;
  esac
  exit 1
fi
exec "$program" "$@" service install
