"""`noria-server`: the model server."""

import sys

from noria_serving.server.run import main

if __name__ == "__main__":
    sys.exit(main())
