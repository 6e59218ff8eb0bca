"""How our programs import TensorFlow: without Keras and without chatter. What needs Keras imports it by itself."""

import os

VARIABLES = {
    "TF_USE_LEGACY_KERAS": "1",  # else Keras 3 is imported with it, a quarter of the time and 75 MB
    "TF_CPP_MIN_LOG_LEVEL": "2",  # hides messages about instruction sets
}


def tensorflow(**others: str) -> None:
    """Set the variables that nobody has set; `others` take the place of ours."""
    for name, value in (VARIABLES | others).items():
        os.environ.setdefault(name, value)
