#!/bin/sh
# In the place of mvn: notes its JDK, does as the flags say, and makes jars whose content tells the sources.
cat >/dev/null
echo "$JAVA_HOME" >>"$SANDBOX/mvn.log"
while [ -f "$SANDBOX/hold" ]; do sleep 0.05; done
if [ -f "$SANDBOX/break" ]; then echo '[ERROR] the sources are broken' && exit 7; fi
if [ -f "$SANDBOX/edit" ]; then mv "$SANDBOX/edit" python/src/main/java/Edited.java; fi
mkdir -p cli/target/dist/lib
cat python/src/main/java/*.java >cli/target/dist/lib/sluice-cli-1.jar
true >cli/target/dist/lib/cpython-1-here.jar
true >cli/target/dist/lib/library-1.jar
