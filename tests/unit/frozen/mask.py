"""What training, the clock and the machine put into a report or a card, masked."""

import re
from typing import Any

_DECIMAL = re.compile(r"(?<![\d.])\d+\.\d+(e[+-]?\d+)?(?!\.?\d)")
_SECONDS = re.compile(r"\b\d+ s\b")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SHARE = re.compile(r"\b\d+%")
_COUNTED = frozenset({"Predictions for the hold-out", "Calibration", "Largest errors"})
"""Sections of a card with whole numbers that training leads to."""
_MEASURED = frozenset(
    {"score", "value", "low", "high", "seconds", "metrics", "epochs", "weight", "expectedScore", "spread"}
)


def masked_text(text: str) -> str:
    """Numbers with a point, seconds, shares and digests masked; other whole numbers stay."""
    return _SHARE.sub("#%", _DIGEST.sub("sha256:#", _SECONDS.sub("# s", _DECIMAL.sub("#", text))))


def masked_card(text: str) -> str:
    """A card, its tables of what training leads to as their heads and one row."""
    title, lines = "", [""]
    for line in masked_text(text).split("\n"):
        title = line[3:] if line.startswith("## ") else title
        if title in _COUNTED and line.startswith("| ") and lines[-1].startswith(("| ---", "| #")):
            line = "| #"
        if (line, lines[-1]) != ("| #", "| #"):
            lines.append(line)
    return "\n".join(lines[1:])


def masked(report: Any, folder: str) -> Any:
    """A report with every measured number masked, and paths below `$TMP`."""
    if isinstance(report, dict):
        return {key: _measured(each) if key in _MEASURED else masked(each, folder) for key, each in report.items()}
    if isinstance(report, list):
        return [masked(each, folder) for each in report]
    return masked_text(report.replace(folder, "$TMP")) if isinstance(report, str) else report


def rounded(document: Any, folder: str) -> Any:
    """A document with five digits of every number: statistics of the examples differ in the last ones."""
    if isinstance(document, dict):
        return {key: rounded(each, folder) for key, each in document.items()}
    if isinstance(document, list):
        return [rounded(each, folder) for each in document]
    if isinstance(document, float):
        return float(f"{document:.5g}")
    return document.replace(folder, "$TMP") if isinstance(document, str) else document


def _measured(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _measured(each) for key, each in value.items()}
    return value if value is None else "#"
