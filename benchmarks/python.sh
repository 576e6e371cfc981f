# shellcheck shell=sh
# Finds a Python that can make environments, for the scripts that source this file and define `fail`.

# A name on the PATH may be a shim without a Python behind it, so each candidate has to run.
version_of() {
  "$1" -c 'import ensurepip, sys, venv; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

# Prints the path of BENCH_PYTHON, else of the first of the versions that is there.
find_python() { # VERSION...
  if [ -n "${BENCH_PYTHON:-}" ]; then
    version_of "$BENCH_PYTHON" >/dev/null || fail "BENCH_PYTHON=$BENCH_PYTHON does not run, or cannot make environments"
    echo "$BENCH_PYTHON"
    return
  fi
  for version; do
    for candidate in "python$version" "$HOME/.pyenv/versions/$version".*/bin/python \
      "/usr/local/bin/python$version" "/usr/bin/python$version" "/opt/homebrew/bin/python$version"; do
      if [ "$(version_of "$candidate")" = "$version" ]; then
        echo "$candidate"
        return
      fi
    done
  done
  fail "none of Python $* with venv and pip on the PATH, in ~/.pyenv/versions, /usr/local/bin or /usr/bin. Install one, or set BENCH_PYTHON."
}
