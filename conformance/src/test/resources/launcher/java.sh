#!/bin/sh
# In the place of bin/java of a JDK that LauncherSandbox makes: says how it was called, and does as the flags say.
# shellcheck source=/dev/null
. "${0%/bin/java}/release"
echo "jdk=${JAVA_VERSION:-}"
echo "pid=$$"
echo "folder=$PWD"
echo "locale=${LC_ALL:-}/${LC_CTYPE:-}/${LANG:-}"
for argument; do printf '<%s>\n' "$argument"; done
while [ -f "$SANDBOX/serve" ]; do sleep 0.05; done
case $* in *read-input*) cat ;; esac
