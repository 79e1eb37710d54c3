#!/bin/sh
# Resolve pyproject.toml into requirements/*.txt: pinned, hashed, for every platform, without any address.
# Needs uv on the PATH (or UV=/path/to/uv). Run it after a change of the dependencies.
set -eu
cd "$(dirname "$0")/.."
compile() { "${UV:-uv}" pip compile pyproject.toml requirements/build.in --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet "$@"; }
compile --output-file requirements/runtime.txt
compile --group dev --constraints requirements/runtime.txt --output-file requirements/dev.txt
