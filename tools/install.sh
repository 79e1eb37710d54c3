#!/bin/sh
# Make .venv and install pinned, hashed dependencies: `install.sh runtime` or `install.sh dev`.
# Does nothing when what is installed is what the lock files say. Every failure is one line and its cure.
# Node (206 MB) is installed along with `dev`, and with `runtime` where there is no fitting one on the PATH.
set -u
kind=$1
cd "$(dirname "$0")/.." || exit 4
lock=requirements/$kind.txt
log=.venv/install.log

clear_line() { [ ! -t 2 ] || printf '\r\033[K' >&2; }

stop() { clear_line; printf 'soundcheck: %s\n' "$1" >&2; exit 4; }

stamp() { cat "$1" pyproject.toml packaging/cache/pyproject.toml requirements/build.in requirements/node.txt 2>/dev/null | cksum; pwd; }

# As `stores/prisma/node.py` asks: from version 20 on, and with npm.
has_node() {
    command -v npm >/dev/null 2>&1 || return 1
    major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9][0-9]*\)\..*/\1/p')
    [ "${major:-0}" -ge 20 ]
}

needs_nothing_more() { [ "$1" = dev ] || [ -e .venv/installed-node ] || has_node; }

# dev holds everything that runtime does, so it serves both.
for done_kind in "$kind" dev; do
    if [ -x .venv/bin/soundcheck ] && [ -x .venv/bin/python ] &&
        [ "$(cat ".venv/installed-$done_kind" 2>/dev/null)" = "$(stamp "requirements/$done_kind.txt")" ] &&
        needs_nothing_more "$done_kind"; then
        exit 0
    fi
done

python=
seen=
without_venv=
for candidate in ${PYTHON:-} python3.15 python3.14 python3.13 python3.12 python3.11 python3 python; do
    version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    seen="$seen $version"
    case $version in
        3.11 | 3.12 | 3.13 | 3.14 | 3.15) ;;
        *) continue ;;
    esac
    # Debian and Ubuntu package venv on its own, for each version: another Python here may have it.
    "$candidate" -c 'import venv, ensurepip' 2>/dev/null && python=$candidate && break
    without_venv=${without_venv:-$version}
done
if [ -z "$python" ]; then
    [ -n "$seen" ] || stop "no Python was found. Install Python 3.11 to 3.15, then run make again."
    [ -z "$without_venv" ] ||
        stop "Python $without_venv has no venv module. On Debian or Ubuntu: apt install python$without_venv-venv, then run make again."
    stop "Python 3.11 to 3.15 is needed; here is only$seen. Install one of them, or name it: make run PYTHON=/path/to/python3.12"
fi

free=$(df -Pk . 2>/dev/null | awk 'NR==2 {print $4}')
[ -z "$free" ] || [ "$free" -gt 900000 ] ||
    stop "the disk is nearly full: $((free / 1024)) MB are free and about 900 MB are needed. Free some space, then run make again."

explain() {
    if grep -qiE 'no space left|errno 28' "$log" 2>/dev/null; then
        stop "the disk is full. Free about 900 MB, then run make again."
    elif grep -qiE 'temporary failure in name resolution|name or service not known|failed to establish a new connection|connection refused|network is unreachable|connecttimeout|read timed out|max retries exceeded|proxyerror|from versions: none' "$log" 2>/dev/null; then
        stop "the package registry could not be reached. Check the network (or the proxy variables), then run make again; details: $log"
    elif grep -qi 'do not match the hashes' "$log" 2>/dev/null; then
        stop "a downloaded package is not the one that was pinned, and was not installed. Try another network; details: $log"
    fi
    stop "the installation failed: $(grep -iE '^error' "$log" 2>/dev/null | tail -n 1 | cut -c1-160); details: $log"
}

# How far pip is: it fetches all packages, then installs them, and says neither in a way that people read.
# On a terminal one line that changes, elsewhere a line for each quarter. Ends with this script, or when it is stopped.
watch() {
    last=
    while sleep 1 >/dev/null 2>&1 && kill -0 "$2" 2>/dev/null; do
        set -- "$1" "$2" .venv/lib/python3*/site-packages/*.dist-info
        number=$(($# - 2 - already)) what=installed
        [ "$number" -gt 0 ] || { number=$(grep -c '^Collecting ' "$log"); what=fetched; }
        total=$(($1 - $(grep -c '^Ignoring ' "$log")))
        [ "$number" -le "$total" ] || number=$total
        if [ -t 2 ]; then
            printf '\r  %s of %s packages %s\033[K' "$number" "$total" "$what" >&2
        elif [ "$last" != "$what$((number * 4 / total))" ]; then
            printf '  %s of %s packages %s\n' "$number" "$total" "$what" >&2
            last=$what$((number * 4 / total))
        fi
    done
}

printf 'soundcheck: installing into .venv, once, one or two minutes …\n' >&2
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 16))' 2>/dev/null; then
    rm -rf .venv
    error=$("$python" -m venv .venv 2>&1) || stop "the virtual environment could not be made: $(printf '%s' "$error" | tail -n 1 | cut -c1-160)"
fi
rm -f .venv/installed-*
set -- -r "$lock"
[ "$kind" = dev ] || has_node || set -- "$@" -r requirements/node.txt
total=$(grep -c '==' "$lock")
[ $# -eq 2 ] || total=$((total + 1)) # Node
already=$(set -- .venv/lib/python3*/site-packages/*.dist-info; echo $#)
: >"$log"
watch "$total" $$ &
watcher=$!
trap 'kill $watcher 2>/dev/null' EXIT
.venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes "$@" >"$log" 2>&1 || explain
kill $watcher 2>/dev/null
wait $watcher 2>/dev/null
clear_line
.venv/bin/python -m pip install --disable-pip-version-check --no-input --no-deps --no-build-isolation --no-index -e packaging/cache -e . >>"$log" 2>&1 || explain
[ $# -eq 2 ] || : >.venv/installed-node
stamp "$lock" >".venv/installed-$kind"
