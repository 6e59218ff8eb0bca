"""Modules that take seconds to import, imported when something of them is first used.

Spaces, choices and profiles of texts and tables need no TensorFlow; what decodes images, designs and trains does.
"""

import importlib
from typing import Any


class Lazy:
    """Stands for a module: `tf = Lazy("tensorflow")`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)
