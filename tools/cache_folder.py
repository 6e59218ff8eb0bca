"""Where slow things are kept between runs; `localcluster/env.sh` says the same to the shell."""

import os
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "noria"
