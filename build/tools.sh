#!/bin/sh
# Installs, once, what tests and benchmarks need and the product does not.
#
#   build/tools.sh command NAME...
#       Each command is on the PATH afterwards. A missing one comes from Debian's package of that name (as root).
#   build/tools.sh environment FOLDER REQUIREMENTS [PYTHON]
#       FOLDER is a virtual environment of PYTHON that holds what the file REQUIREMENTS lists, and is made anew when
#       that file changes. Without PYTHON it is one of the embedded Python, or where that is not built yet of python3.
set -eu

fail() {
  printf >&2 '%s\n' "build/tools.sh: $1"
  exit 1
}

commands() { # NAME...
  missing=''
  for name; do
    command -v "$name" >/dev/null || missing="$missing $name"
  done
  [ -n "$missing" ] || return 0
  if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    fail "not on the PATH:$missing. Install the packages of that name, or run this as root on Debian or Ubuntu."
  fi
  printf >&2 '%s\n' "build/tools.sh: installing$missing"
  mkdir -p "$root/target/tools"
  log=$root/target/tools/apt-get.log
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086 # a list
  if ! { apt-get -q -o DPkg::Lock::Timeout=300 update &&
    apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    fail "apt-get could not install$missing; above is the end of $log."
  fi
  for name in $missing; do
    command -v "$name" >/dev/null || fail "the package $name was installed, but has no command $name."
  done
}

environment() { # FOLDER REQUIREMENTS [PYTHON]
  folder=$1 requirements=$2 python=${3:-}
  cmp -s "$requirements" "$folder/requirements.txt" && "$folder/bin/python" -c '' 2>/dev/null && return
  rm -rf "$folder"
  if [ -n "$python" ]; then
    "$python" -m venv "$folder"
  else
    SLUICE_LAUNCHER=no-build "$root/sluice" python -m venv "$folder" >/dev/null 2>&1 </dev/null || :
    [ -x "$folder/bin/python" ] || python3 -m venv "$folder"
  fi
  "$folder/bin/python" -m pip install -q --disable-pip-version-check --no-input -r "$requirements"
  # Last: it says that all is there.
  cp "$requirements" "$folder/requirements.txt"
}

root=$(CDPATH='' cd -P -- "${0%/*}/.." && pwd)
case "${1:-} $#" in
  command\ [2-9]*) shift && commands "$@" ;;
  environment\ [34]) shift && environment "$@" ;;
  *) fail "unknown arguments. Use: command NAME... | environment FOLDER REQUIREMENTS [PYTHON]" ;;
esac
