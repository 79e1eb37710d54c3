#!/bin/sh
# Resolve pyproject.toml into requirements/*.txt: pinned, hashed, for every platform, without any address.
# Needs uv on the PATH (or UV=/path/to/uv). Run it after a change of the dependencies.
set -eu
cd "$(dirname "$0")/.."
pinned() { "${UV:-uv}" pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet "$@"; }
compile() { pinned pyproject.toml requirements/build.in "$@"; }
compile --output-file requirements/runtime.txt
compile --group dev --constraints requirements/runtime.txt --output-file requirements/dev.txt
# What `make bench` compares with, each in an environment of its own.
for peer in harlequin sqlit; do
    pinned "requirements/peers-$peer.in" --output-file "requirements/peers-$peer.txt"
done
