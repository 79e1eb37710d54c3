#!/bin/sh
# Resolve pyproject.toml into requirements/*.txt: pinned, hashed, for every platform, without any address.
# Needs uv on the PATH (or UV=/path/to/uv). Run it after a change of the dependencies.
set -eu
cd "$(dirname "$0")/.."
pinned() { "${UV:-uv}" pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet "$@"; }
# The cache's distribution is in this repository, and installed from there.
compile() { pinned pyproject.toml requirements/build.in --no-emit-package soundcheck-cache "$@"; }
compile --output-file requirements/runtime.txt
# Apart, because it is installed only where the machine has no Node of its own.
pinned requirements/node.in --output-file requirements/node.txt
compile --group dev --extra node --constraints requirements/runtime.txt --constraints requirements/node.txt \
    --output-file requirements/dev.txt
# What `make bench` compares with, each in an environment of its own.
for peer in harlequin sqlit; do
    pinned "requirements/peers-$peer.in" --output-file "requirements/peers-$peer.txt"
done
