#!/bin/sh
# Makes .venv and installs neuromod into it: `.ci/install.sh run` what a simulation needs, `... test` also the tests' tools.
# Does nothing when that was done before and neither pyproject.toml nor constraints.txt has changed since.
set -eu
cd "$(dirname "$0")/.."
level=$1
stamp=.venv/neuromod-installed
missing() { echo "neuromod: $1" >&2; exit 1; }
new_enough='import sys; sys.exit(sys.version_info < (3, 12))'

for compiler in "${CXX:-g++}" g++ clang++ none; do
  [ "$compiler" != none ] || missing "no C++ compiler works here: install one (Debian, Ubuntu: sudo apt install g++; macOS: xcode-select --install) or name it with CXX=, and try again."
  if "$compiler" --version >/dev/null 2>&1; then break; fi
done

want="$(cat pyproject.toml constraints.txt | cksum) $PWD"
if [ -f "$stamp" ] && .venv/bin/python -c "$new_enough" 2>/dev/null; then
  for done_level in "$level" test; do
    [ "$(cat "$stamp")" != "$want $done_level" ] || exit 0
  done
fi

if ! .venv/bin/python -c "$new_enough" 2>/dev/null; then
  [ ! -L .venv ] || missing ".venv is a link to a folder without a working Python 3.12 or newer: remove the link and try again."
  # A command of that name may exist and not start (version managers leave such stand-ins), so each is tried.
  for python in ${PYTHON:-} python3.12 python3 python3.13 python3.14 python none; do
    [ "$python" != none ] || missing "no Python 3.12 or newer works here: install one (Debian, Ubuntu: sudo apt install python3.12-venv; or https://www.python.org/downloads) or name it with PYTHON=, and try again."
    if "$python" -c "$new_enough" >/dev/null 2>&1; then break; fi
  done
  "$python" -c 'import ensurepip, venv' 2>/dev/null \
    || missing "$python has no module venv: install it (Debian, Ubuntu: sudo apt install python3-venv) and try again."
  echo "neuromod: making .venv with $("$python" --version)"
  "$python" -m venv --clear .venv
fi

case $level in
  run) what=. ;;
  test) what='.[test,analysis]' ;;
  *) missing ".ci/install.sh takes 'run' or 'test', got '$level'." ;;
esac
echo "neuromod: installing into .venv (once; about a minute)"
.venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e "$what" \
  || missing "the installation failed; the lines above say why (no network is the usual reason)."
echo "$want $level" > "$stamp"
