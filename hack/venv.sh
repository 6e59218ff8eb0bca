#!/usr/bin/env bash
# Makes .venv from requirements/dev.txt, with this checkout installed in place.
set -euo pipefail
cd "$(dirname "$0")/.."
UV_VERSION=0.13.9
cache=${XDG_CACHE_HOME:-$HOME/.cache}/noria
command -v python3 >/dev/null || { echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv" >&2; exit 1; }
uv=$cache/uv-$UV_VERSION/bin/uv
if [ ! -x "$uv" ]; then
	echo "uv $UV_VERSION ..."
	python3 -m venv "$cache/uv-$UV_VERSION" && "$cache/uv-$UV_VERSION/bin/pip" install -q --disable-pip-version-check "uv==$UV_VERSION"
fi
[ -x .venv/bin/python ] || "$uv" venv -q --python python3 .venv
echo "Python packages (TensorFlow is 250 MB, once) ..."
"$uv" pip sync -q --python .venv/bin/python --require-hashes requirements/dev.txt
"$uv" pip install -q --python .venv/bin/python --no-deps --no-build-isolation-package none -e .
touch .venv/.stamp
