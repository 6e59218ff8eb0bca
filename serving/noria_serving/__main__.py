"""`noria-server`: the model server."""

import os
import sys
from typing import NoReturn

from noria_serving.server import run
from noria_store import log


def main() -> NoReturn:
    """Serve, then exit at once: loading cannot be interrupted and delays no request."""
    log.set_up(text=sys.stderr.isatty())
    code = run.main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
