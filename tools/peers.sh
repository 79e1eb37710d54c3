#!/bin/sh
# Install the programs that `make bench` compares with into .peers/, each with its own pinned, hashed dependencies:
# they need other versions than Soundcheck does. One that cannot be installed is left out of the table.
set -u
cd "$(dirname "$0")/.." || exit 4
failed=0
for lock in requirements/peers-*.txt; do
    name=${lock#requirements/peers-}
    name=${name%.txt}
    place=.peers/$name
    stamp=$(cksum <"$lock")
    [ "$(cat "$place/installed" 2>/dev/null)" = "$stamp" ] && continue
    printf 'soundcheck: installing %s into %s, once …\n' "$name" "$place" >&2
    rm -rf "$place"
    mkdir -p .peers
    if .venv/bin/python -m venv "$place" &&
        "$place/bin/python" -m pip install --disable-pip-version-check --no-input --quiet --require-hashes -r "$lock" >".peers/$name.log" 2>&1; then
        printf '%s\n' "$stamp" >"$place/installed"
    else
        printf 'soundcheck: %s could not be installed; details: .peers/%s.log\n' "$name" "$name" >&2
        failed=1
    fi
done
exit $failed
