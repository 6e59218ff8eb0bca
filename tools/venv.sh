#!/usr/bin/env bash
# Makes .venv from requirements/dev.txt, with this checkout installed in place.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/uv.sh
[ -x .venv/bin/python ] || "$uv" venv -q --python python3.11 .venv
echo "Python packages (half a gigabyte the first time) ..."
"$uv" pip sync -q --compile-bytecode --python .venv/bin/python --require-hashes requirements/dev.txt
"$uv" pip install -q --python .venv/bin/python --no-deps --no-build-isolation -e . -e client
touch .venv/.stamp
