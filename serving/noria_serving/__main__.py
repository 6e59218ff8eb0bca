"""`noria-server`: the model server."""

import os
import sys
from typing import NoReturn

from noria_serving import log
from noria_serving.server import run


def main() -> NoReturn:
    """Serve, then end at once: what still loads cannot be interrupted and holds nobody's request."""
    log.set_up()
    code = run.main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
