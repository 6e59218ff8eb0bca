"""Modules that take seconds to import, imported when something of them is first used.

Spaces, profiles and choices need no TensorFlow; what designs and trains does.
"""

import importlib
from typing import Any


class Lazy:
    """Stands for a module: `tf = Lazy("tensorflow")`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)
