# Sourced: sets $uv, the package installer, fetched once into the user's cache.
UV_VERSION=0.13.9
uv=${XDG_CACHE_HOME:-$HOME/.cache}/noria/uv-$UV_VERSION/bin/uv
if [ ! -x "$uv" ]; then
	command -v python3 >/dev/null || { echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv" >&2; exit 1; }
	python3 -c 'import ensurepip' 2>/dev/null || { echo "Python's venv module is needed: apt-get install python3-venv" >&2; exit 1; }
	echo "uv $UV_VERSION ..."
	python3 -m venv "${uv%/bin/uv}" && "${uv%uv}pip" install -q --disable-pip-version-check "uv==$UV_VERSION"
fi
