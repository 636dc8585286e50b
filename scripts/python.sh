#!/bin/sh
# Prints the first Python on this machine that is new enough (3.11). Never downloads one.
for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
  if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    command -v "$name"
    exit 0
  fi
done
echo "Reelay needs Python 3.11 or newer and found none. Install it (Debian, Ubuntu: apt-get install python3 python3-venv)" >&2
echo "or name one: make setup PYTHON=/path/to/python3" >&2
exit 1
