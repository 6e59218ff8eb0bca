#!/bin/sh
# Run while an image is built: installs the locked packages, drops what only compilers and their own tests need, compiles the rest.
set -eu
environment=/opt/environment
/tools/bin/uv pip install --python "$environment" --link-mode copy --no-deps --require-hashes -r "$environment/requirements.txt"
rm -rf /tmp/cache
rm -rf "$environment"/lib/python3*/site-packages/*/include
find "$environment"/lib/python3*/site-packages -type d -name tests -prune -exec rm -rf {} +
python -m compileall -qq -j 0 --invalidation-mode unchecked-hash "$environment/lib" || true # some carry templates that are no Python
