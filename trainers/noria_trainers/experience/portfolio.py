"""Committed portfolios: for each task a short, diverse list of configurations, the most reliable first."""

from typing import NamedTuple

from noria.contract import Configuration


class Entry(NamedTuple):
    """A configuration with why it is in the list, in at most 120 characters."""

    configuration: Configuration
    why: str
