#!/usr/bin/env bash
# fetch.sh REQUIREMENTS DIR: unpacks the pinned packages of a requirements file into DIR, through pip and its settings.
set -euo pipefail
requirements=$(realpath "$1")
mkdir -p "$(dirname "$2")"
work=$(mktemp -d "$2.XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/pip"
"$work/pip/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-compile --require-hashes --only-binary :all: \
	--target "$work/packages" -r "$requirements"
chmod 755 "$work/packages"
rm -rf "$2"
mv "$work/packages" "$2"
