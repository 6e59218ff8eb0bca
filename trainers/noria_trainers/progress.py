"""Progress of long work: a bar in a terminal, a line at intervals in a pod's log.

Everything goes to standard error.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

LINE_SECONDS = 5.0
T = TypeVar("T")


def shown(items: Iterable[T], *, what: str, total: int | None, unit: str = "") -> Iterator[T]:
    """The items, while progress goes to standard error; silent for work shorter than the interval of lines.

    The time left is estimated from the items after the first, which pays for what is loaded once. Without a total, only
    what is done is told.
    """
    if sys.stderr.isatty():
        yield from tqdm(items, desc=what, total=total, unit=f" {unit}", file=sys.stderr, leave=False)
        return
    first = last = time.monotonic()
    for count, item in enumerate(items, 1):
        yield item
        passed = time.monotonic()
        first = passed if count == 1 else first
        if passed - last >= LINE_SECONDS:
            last = passed
            left = ""
            if total is not None and passed - first >= LINE_SECONDS / 2:
                left = f", {(passed - first) / (count - 1) * (total - count):.0f} s left"
            of = "" if total is None else f" of {total}"
            print(f"{what}: {count}{of} {unit}{left}", file=sys.stderr, flush=True)
