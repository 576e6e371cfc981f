# shellcheck shell=sh
# Finds a JDK, for ./sluice and ./verify, which source this file.
#
#   find_jdk java|javac    sets $jdk to the folder of a JDK 25 or later that has bin/java (or bin/javac),
#                          and $jdk_version; ends the script with SL451 where there is none.
#
# $JAVA_HOME comes first, then every `java` on the PATH, then the newest JDK in the usual folders, or in
# those of $SLUICE_JDK_FOLDERS (separated by colons) instead. A version is read from the file `release`
# that a JDK carries: no JVM is started for it, except for a `java` that has no such file (a shim).

jdk_wanted=25

find_jdk() {
  jdk_tool=$1
  jdk_choose
  # One name for one JDK, however it was found.
  jdk=$(CDPATH='' cd -P -- "$jdk" && pwd)
}

jdk_choose() {
  jdk='' jdk_version='' jdk_rank=0 jdk_seen=''

  if [ -z "${JAVA_HOME:-}" ]; then
    jdk_seen='JAVA_HOME is not set'
  elif [ ! -x "$JAVA_HOME/bin/java" ]; then
    jdk_seen="JAVA_HOME ($JAVA_HOME) has no bin/java"
  else
    jdk_release "$JAVA_HOME" || jdk_ask "$JAVA_HOME/bin/java" || :
    jdk_consider "JAVA_HOME" "$JAVA_HOME" && return
  fi

  jdk_look_on_path && return
  jdk_look_in_folders
  [ -n "$jdk" ] && return

  printf >&2 '%s\n' "sluice: error[SL451]: no JDK $jdk_wanted or later with bin/$jdk_tool: $jdk_seen. Install one\
 (openjdk-$jdk_wanted-jdk of your package manager, \`brew install openjdk\`, \`sdk install java $jdk_wanted-tem\`,\
 or from https://adoptium.net), or set JAVA_HOME to it."
  exit 2
}

# Every `java` on the PATH, first to last.
jdk_look_on_path() {
  jdk_found_java='' jdk_previous='' jdk_ifs=$IFS
  set -f; IFS=:
  # shellcheck disable=SC2086 # split at the colons
  set -- $PATH
  IFS=$jdk_ifs; set +f
  for jdk_entry; do
    if [ ! -f "$jdk_entry/java" ] || [ ! -x "$jdk_entry/java" ]; then continue; fi
    jdk_found_java=yes
    jdk_follow "$jdk_entry/java"
    [ "$jdk_followed" != "$jdk_previous" ] || continue
    jdk_previous=$jdk_followed
    jdk_home=${jdk_followed%/bin/java}
    jdk_release "$jdk_home" || jdk_ask "$jdk_entry/java" || jdk_number=unknown
    jdk_consider "java on the PATH" "$jdk_home" && return
  done
  [ -n "$jdk_found_java" ] || jdk_seen="$jdk_seen, no java on the PATH"
  return 1
}

# The newest of the JDKs in the usual folders; of equals the first.
jdk_look_in_folders() {
  if [ -n "${SLUICE_JDK_FOLDERS+set}" ]; then
    jdk_ifs=$IFS
    set -f; IFS=:
    # shellcheck disable=SC2086 # split at the colons
    set -- $SLUICE_JDK_FOLDERS
    IFS=$jdk_ifs; set +f
  else
    set -- /usr/lib/jvm /usr/lib64/jvm /usr/java /opt/java /opt /usr/local \
      "${HOME:-}/.sdkman/candidates/java" "${HOME:-}/.jdks" "${HOME:-}/.gradle/jdks" \
      /Library/Java/JavaVirtualMachines "${HOME:-}/Library/Java/JavaVirtualMachines" \
      /opt/homebrew/opt /usr/local/opt /home/linuxbrew/.linuxbrew/opt
  fi
  jdk_ifs=$IFS; IFS=:; jdk_seen="$jdk_seen, none in $*"; IFS=$jdk_ifs
  for jdk_folder; do
    [ -d "$jdk_folder" ] || continue
    # The longer forms are those of macOS and of Homebrew.
    for jdk_home in "$jdk_folder"/* "$jdk_folder"/*/Contents/Home \
      "$jdk_folder"/*/libexec/openjdk.jdk/Contents/Home "$jdk_folder"/*/libexec; do
      if [ ! -x "$jdk_home/bin/$jdk_tool" ] || [ ! -x "$jdk_home/bin/java" ]; then continue; fi
      jdk_release "$jdk_home" || jdk_ask "$jdk_home/bin/java" || continue
      jdk_newer && jdk=$jdk_home jdk_version=$jdk_number jdk_rank=$jdk_candidate
    done
  done
  return 0
}

# Takes the JDK just looked at if it will do, else remembers for the message why not.
jdk_consider() { # WHERE FOLDER
  if ! jdk_newer; then
    jdk_seen="${jdk_seen:+$jdk_seen, }$1 is $jdk_number ($2)"
  elif [ ! -x "$2/bin/$jdk_tool" ]; then
    jdk_seen="${jdk_seen:+$jdk_seen, }$1 is $jdk_number without bin/$jdk_tool ($2)"
  else
    # shellcheck disable=SC2034 # jdk_version is for the caller
    jdk=$2 jdk_version=$jdk_number
    return 0
  fi
  return 1
}

# Whether $jdk_number is new enough, and newer than what was found so far ($jdk_rank).
jdk_newer() {
  case $jdk_number in [0-9]*) ;; *) return 1 ;; esac
  jdk_ifs=$IFS; IFS=.
  # shellcheck disable=SC2046,SC2086 # split at the dots: 25.0.3 becomes 25 0 3, 26-ea becomes 26
  set -- ${jdk_number%%[!0-9.]*}
  IFS=$jdk_ifs
  jdk_candidate=$((${1:-0} * 1000000 + ${2:-0} * 1000 + ${3:-0}))
  [ "$1" -ge "$jdk_wanted" ] && [ "$jdk_candidate" -gt "$jdk_rank" ]
}

# Reads the version of the JDK in a folder from its `release` file.
jdk_release() { # FOLDER
  jdk_number=unknown
  [ -r "$1/release" ] || return 1
  while IFS='=' read -r jdk_key jdk_value || [ -n "$jdk_key" ]; do
    [ "$jdk_key" = JAVA_VERSION ] || continue
    jdk_value=${jdk_value#\"}
    jdk_number=${jdk_value%%\"*}
    return 0
  done <"$1/release"
  return 1
}

# Asks a `java` for its version and folder.
jdk_ask() { # JAVA
  jdk_settings=$("$1" -XshowSettings:properties -version 2>&1 </dev/null) || return 1
  jdk_number=$(printf '%s\n' "$jdk_settings" | sed -n 's/^ *java\.version = //p')
  jdk_home=$(printf '%s\n' "$jdk_settings" | sed -n 's/^ *java\.home = //p')
  [ -n "$jdk_number" ] && [ -n "$jdk_home" ]
}

# Follows symbolic links from a file to $jdk_followed, its real path.
jdk_follow() { # FILE
  jdk_followed=$1
  while [ -h "$jdk_followed" ]; do
    jdk_link=$(readlink "$jdk_followed")
    case $jdk_link in
      /*) jdk_followed=$jdk_link ;;
      *) jdk_followed=${jdk_followed%/*}/$jdk_link ;;
    esac
  done
  jdk_followed=$(CDPATH='' cd -P -- "${jdk_followed%/*}" && pwd)/${jdk_followed##*/}
}
