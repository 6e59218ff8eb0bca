#!/bin/sh
# Run while an image is built: installs the locked packages, drops what only compilers and their own tests need, compiles the rest.
set -eu
environment=/opt/environment
/tools/bin/uv pip install --python "$environment" --link-mode copy --no-deps --require-hashes -r "$environment/requirements.txt"
rm -rf /tmp/cache
rm -rf "$environment"/lib/python3*/site-packages/*/include
find "$environment"/lib/python3*/site-packages -type d -name tests -prune -exec rm -rf {} +
# Only what is not compiled yet: a layer below may have brought the rest.
find "$environment"/lib -name '*.py' | while read -r file; do
	name=${file##*/}
	[ -e "${file%/*}/__pycache__/${name%.py}.cpython-311.pyc" ] || echo "$file"
done | python -m compileall -qq -j 0 --invalidation-mode unchecked-hash -i - || true # some files are templates, no Python
