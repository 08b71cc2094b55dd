#!/bin/sh
# Runs a command of Oz; builds Oz first where that is needed.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
lib=$here/oz-cli/target/lib

java=java
if [ -n "${JAVA_HOME:-}" ]; then
    java=$JAVA_HOME/bin/java
fi
version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1) || version=
if [ -z "$version" ] || [ "$version" -lt 17 ]; then
    echo "oz: a JDK of version 17 or later is needed (Debian: apt-get install openjdk-17-jdk-headless maven)" >&2
    exit 1
fi

jvm="-XX:+UseSerialGC -Xmx128m -Xshare:auto"
# OZ_NO_BUILD: the build itself runs this, and is not to be started again from within
if [ -z "${OZ_NO_BUILD:-}" ] && { [ ! -d "$lib" ] || [ -n "$(find "$here"/pom.xml "$here"/oz-*/pom.xml "$here"/oz-*/src/main -newer "$lib" -type f -print -quit)" ]; }; then
    if ! command -v mvn >/dev/null; then
        echo "oz: Maven is needed to build Oz (Debian: apt-get install maven)" >&2
        exit 1
    fi
    echo "oz: building; the first time takes a few minutes" >&2
    log=$(mktemp)
    rm -rf "$lib"
    if ! mvn -B -f "$here/pom.xml" -Dmaven.test.skip=true -Dspotless.check.skip=true -Denforcer.skip=true -P '!checks' package >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        echo "oz: the build failed" >&2
        exit 1
    fi
    rm -f "$log"
    # class-data sharing: commands start in half the time
    # shellcheck disable=SC2086 # options are words
    "$java" $jvm -XX:ArchiveClassesAtExit="$lib/oz.jsa" -cp "$lib/*" org.oz4j.cli.Main \
        validate --json "$here/examples/debian-13.tdl" >/dev/null 2>&1 || true
    touch "$lib"
fi

# without a locale, as under cron, Java can't name files that have letters beyond ASCII
case ${LC_ALL:-${LC_CTYPE:-${LANG:-C}}} in
    C | POSIX) export LC_ALL=C.UTF-8 ;;
esac

case ${1:-} in
    install | oz-install | quickstart) ;; # checksums of gigabytes need all that the compiler can do
    *) jvm="$jvm -XX:TieredStopAtLevel=1" ;; # what is over in a second starts sooner without
esac
options="$jvm -Xlog:disable -Xlog:all=error:stderr"
if [ "$version" -ge 22 ]; then
    options="$options --enable-native-access=ALL-UNNAMED"
fi
if [ -t 1 ]; then
    columns=$( (stty size </dev/tty | cut -d ' ' -f 2) 2>/dev/null) || columns=80
    options="$options -Doz.terminal=true -Doz.columns=${columns:-80}"
fi
# shellcheck disable=SC2086 # options are words
exec "$java" $options -XX:SharedArchiveFile="$lib/oz.jsa" -cp "$lib/*" org.oz4j.cli.Main "$@"
