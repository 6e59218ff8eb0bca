#!/usr/bin/env bash
# fetch.sh REQUIREMENTS DIR: unpacks the pinned packages of a requirements file into DIR.
set -euo pipefail
. "$(dirname "$0")/../tools/uv.sh"
rm -rf "$2.partial"
"$uv" pip install --quiet --no-deps --require-hashes --link-mode copy --python-platform x86_64-manylinux_2_36 --target "$2.partial" -r "$1"
rm -rf "$2"
mv "$2.partial" "$2"
