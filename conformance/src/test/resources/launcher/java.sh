#!/bin/sh
# In the place of bin/java of a JDK that LauncherSandbox makes: says how it was called, and does as the flags say.
# shellcheck source=/dev/null
. "${0%/bin/java}/release"
echo "jdk=${JAVA_VERSION:-}"
echo "pid=$$"
echo "folder=$PWD"
echo "locale=${LC_ALL:-}/${LC_CTYPE:-}/${LANG:-}"
case $* in
  # The trial run after a build, which hands over no environment but what it must.
  *-XX:AOTCacheOutput=jvm.new*)
    if [ -n "${SLUICE_BIND:-}" ] || [ -f "$HOME/break-trial" ]; then exit 1; fi
    echo cached >jvm.new
    exit 0
    ;;
esac
for argument; do printf '<%s>\n' "$argument"; done
while [ -f "$SANDBOX/serve" ]; do sleep 0.05; done
case $* in *read-input*) cat ;; esac
