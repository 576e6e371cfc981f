# shellcheck shell=sh
# Builds the product: for ./sluice and ./verify, which source this file after build/jdk.sh, with $root set and
# `fail` defined.
#
# A build is a folder target/sluice/builds/ID that never changes once it is there; ID is a checksum of the sources that
# it was made from. So the jars of a running server are never overwritten, and sources that were built before (a branch
# left and taken up again) need no second build. In target/sluice:
#
#   builds/ID/lib/*.jar   a class path
#   builds/ID/jvm.aot     what the JVM learned about it in a trial run, for faster starts
#   builds/ID/jvm.jdk     the JDK that this holds for: VERSION FOLDER
#   current               the ID of the build to run
#   checked               when the sources were last found equal to it: only what is newer needs a look
#   lock/PID              held by the process that builds, or that tests; the file holds the PID of its child
#   build.log             what mvn and the trial run said

build_state=${root:?}/target/sluice
build_lock=$build_state/lock

# Whether `current` may not be what the sources say. Sets $build_reason if so.
build_needed() {
  build_reason='first use, about a minute'
  build_read_current || return 0
  [ -f "$build_state/checked" ] || return 0
  build_reason='sources have changed'
  [ -n "$(build_find -newer "$build_state/checked" -print | head -n 1)" ]
}

# Makes `current` what the sources say; where they were only touched, without a word. One process at a time does this,
# another one that comes meanwhile waits.
build_now() {
  build_take_lock
  build_started=''
  while build_needed; do
    true >"$build_state/checked.new"
    build_wanted=$(build_fingerprint)
    if [ ! -d "$build_state/builds/$build_wanted" ]; then
      build_run_maven
      # Edited meanwhile: what mvn made is neither the old nor the new.
      [ "$(build_fingerprint)" = "$build_wanted" ] || continue
      mkdir -p "$build_state/builds"
      mv "$root/cli/target/dist" "$build_state/builds/$build_wanted"
    fi
    build_previous=$build_id
    printf '%s\n' "$build_wanted" >"$build_state/current.new"
    mv -f "$build_state/current.new" "$build_state/current"
    mv -f "$build_state/checked.new" "$build_state/checked"
    build_remove_old
  done
  if [ -n "$build_started" ]; then
    build_try_out
    build_stop_ticker
    printf >&2 'sluice: built in %s s\n' $(($(date +%s) - build_started))
  fi
  build_give_lock_back
}

# Sets $build_id to the ID of the build to run; fails where there is none.
build_read_current() {
  build_id=''
  [ -r "$build_state/current" ] || return 1
  read -r build_id <"$build_state/current" || :
  [ -n "$build_id" ] && [ -d "$build_state/builds/$build_id" ]
}

# Runs find over all that the product is made from: not tests, not what is built from it, not what editors leave.
build_find() ( # EXPRESSION
  cd "$root" || exit
  build_sources=pom.xml
  for build_source in */pom.xml */src/main; do
    case $build_source in
      '*'* | conformance/* | benchmarks/* | examples/* | docs/*) ;;
      *) build_sources="$build_sources $build_source" ;;
    esac
  done
  # shellcheck disable=SC2086 # names of our own, without spaces
  find $build_sources \( -name '.?*' -o -name '*~' -o -name __pycache__ \) -prune -o "$@"
)

# A checksum of all sources, their names included.
build_fingerprint() (
  # shellcheck disable=SC2046 # checksum and length become two words
  set -- $(build_find -type f -exec cksum {} + | LC_ALL=C sort | cksum)
  printf '%s-%s\n' "$1" "$2"
)

build_run_maven() {
  command -v mvn >/dev/null || fail 2 SL454 "building Sluice needs Maven, and there is no mvn on the PATH. Install it\
 (maven of your package manager, \`brew install maven\` or \`sdk install maven\`)."
  find_jdk javac
  [ -n "$build_started" ] || build_start_ticker
  # Stale outputs would go into the jars: a class or a Python file that has since been deleted.
  rm -rf "$root/cli/target/dist"
  for build_source in "$root"/*/src/main; do rm -rf "${build_source%/src/main}/target/classes"; done
  build_maven -pl cli -am -Dmaven.test.skip=true package >"$build_state/build.log" 2>&1 </dev/null &
  build_wait_for $!
  if [ "$build_status" != 0 ]; then
    build_stop_ticker
    grep -v '^\[INFO\]' "$build_state/build.log" | tail -n 40 >&2
    fail 1 SL455 "the build failed (mvn's exit code: $build_status); above is what mattered of $build_state/build.log."
  fi
}

# Serves a few requests with the new build, and lets the JVM keep the classes that this loaded, parsed and linked: that
# takes a third off every later start. A class path that changed under such a cache could go unnoticed, but a build never
# changes. Nothing depends on it: where it fails, the log says why, and starts are slower.
build_try_out() {
  find_jdk java
  build_read_current
  build_folder=$build_state/builds/$build_id
  # Not a watchdog of our own: a signal that reaches a shell just as it forks is lost.
  build_limit=''
  ! command -v timeout >/dev/null || build_limit='timeout -k 5 60'
  (
    # The folder also keeps a sluice.toml of the user's out of it, and env all settings. The JVM writes the cache while it
    # ends, which a server that bounds its end must leave time for.
    cd "$build_folder" || exit
    # shellcheck disable=SC2086 # words of our own
    exec $build_limit env -i "PATH=$PATH" "HOME=${HOME:-}" "JAVA_HOME=${jdk:?}" LC_CTYPE=C.UTF-8 \
      ${TMPDIR+"TMPDIR=$TMPDIR"} ${XDG_CACHE_HOME+"XDG_CACHE_HOME=$XDG_CACHE_HOME"} \
      ${SLUICE_CACHE+"SLUICE_CACHE=$SLUICE_CACHE"} \
      SLUICE_LAUNCHER=no-build SLUICE_JAVA_OPTS=-XX:AOTCacheOutput=jvm.new \
      "$root/sluice" serve trial:application --app-dir "$root/build" --bind 127.0.0.1:0 --timeout-drain 50
  ) >>"$build_state/build.log" 2>&1 </dev/null &
  build_wait_for $!
  if [ -s "$build_folder/jvm.new" ]; then
    printf '%s\n' "${jdk_version:?} $jdk" >"$build_folder/jvm.jdk"
    mv "$build_folder/jvm.new" "$build_folder/jvm.aot"
  fi
}

# Runs mvn in the root folder on the JDK that was found, whatever `java` is on the PATH.
build_maven() { # ARGUMENTS; to be run in the background, where it becomes mvn: a signal to the child has to reach that
  cd "$root" || exit
  # Maven's own libraries use what JDK 24 and later warn of.
  export MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}"
  export JAVA_HOME="${jdk:?}"
  exec mvn -B -ntp -Dstyle.color=never "$@"
}

# Waits for a child in the background, which a signal to us ends too; sets $build_status.
build_wait_for() { # PID
  build_child=$1
  printf '%s\n' "$build_child" >"$build_lock/$$"
  build_status=0
  wait "$build_child" || build_status=$?
  build_child=''
}

# Says that a build goes on; on a terminal, for how long it has.
build_start_ticker() {
  build_started=$(date +%s)
  if [ -t 2 ]; then
    while :; do
      printf >&2 '\rsluice: building (%s)... %s s ' "$build_reason" $(($(date +%s) - build_started))
      sleep 1
    done &
    build_ticker=$!
  else
    printf >&2 'sluice: building (%s)...\n' "$build_reason"
  fi
}

build_stop_ticker() {
  [ -n "${build_ticker:-}" ] || return 0
  build_stop "$build_ticker"
  build_ticker=''
  printf >&2 '\r\033[K'
}

# Ends a child in the background.
build_stop() { # PID, or nothing
  [ -n "$1" ] || return 0
  kill "$1" 2>/dev/null || :
  wait "$1" 2>/dev/null || :
}

build_take_lock() {
  mkdir -p "$build_state" 2>/dev/null || :
  [ -w "$build_state" ] || fail 2 SL456 "Sluice must be built ($build_reason), but $build_state cannot be written to.\
 Build it as the owner of that folder: SLUICE_LAUNCHER=build-only ./sluice"
  build_told='' build_empty=0
  until mkdir "$build_lock" 2>/dev/null; do
    build_holder=''
    for build_file in "$build_lock"/*; do
      [ ! -f "$build_file" ] || build_holder=${build_file##*/}
    done
    if [ -z "$build_holder" ]; then
      # Just being taken or given back; or its taker died between the two steps of taking it.
      build_empty=$((build_empty + 1))
      [ $build_empty -le 5 ] || rmdir "$build_lock" || fail 1 SL456 "the lock $build_lock cannot be taken. Remove it."
    elif ! build_alive "$build_holder" && ! build_alive "$(cat "$build_lock/$build_holder" 2>/dev/null)"; then
      # Left behind. Of those who try, one can rename it.
      if mv "$build_lock/$build_holder" "$build_lock/$$" 2>/dev/null; then break; else continue; fi
    elif [ -z "$build_told" ]; then
      build_told=yes
      printf >&2 'sluice: waiting for process %s, which is building\n' "$build_holder"
    fi
    sleep 1
  done
  true >"$build_lock/$$"
  trap build_give_lock_back EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

build_give_lock_back() {
  build_stop "${build_child:-}"
  build_stop_ticker
  rm -f "$build_lock/$$"
  rmdir "$build_lock" 2>/dev/null || :
  trap - EXIT HUP INT TERM
}

build_alive() { # PID
  [ -n "$1" ] || return 1
  # Another user's process may be seen, but not signalled.
  kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ] || ps -p "$1" >/dev/null 2>&1
}

# Keeps the build to run, the one before it, and those that a process still runs.
build_remove_old() {
  build_processes=$(ps -A -ww -o args= 2>/dev/null || cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n') || :
  [ -n "$build_processes" ] || return 0
  for build_folder in "$build_state"/builds/*; do
    case ${build_folder##*/} in "$build_wanted" | "$build_previous") continue ;; esac
    case $build_processes in *"$build_folder"*) continue ;; esac
    rm -rf "$build_folder"
  done
}
