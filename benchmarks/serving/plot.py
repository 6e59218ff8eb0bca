"""Draws what noria-server does to each request that the best peer does."""

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("agg")
from matplotlib import pyplot

Row = dict[str, Any]
OURS, LIMIT = "noria-server", "in-process"
SAME = ("protocol", "model", "concurrency")


def ratios(rows: list[Row]) -> list[tuple[Row, Row, float]]:
    """Each of our rows, that of the best peer at the same task, and how many times its requests we answer."""
    found = []
    for ours in (row for row in rows if row["server"] == OURS):
        peers = [row for row in rows if row["server"] != OURS and all(row[key] == ours[key] for key in SAME)]
        if peers:
            best = max(peers, key=lambda row: row["rps"])
            found.append((ours, best, ours["rps"] / best["rps"]))
    return found


def draw(rows: list[Row], path: Path) -> None:
    """Bars of the ratios, by protocol, as SVG; the line is the best peer. Nothing where no peer was asked."""
    found = ratios(rows)
    if not found:
        return
    protocols = [name for name in ("rest", "grpc") if any(ours["protocol"] == name for ours, _, _ in found)]
    figure, axes = pyplot.subplots(1, len(protocols), figsize=(6 * len(protocols), 5), squeeze=False)
    for axis, protocol in zip(axes[0], protocols, strict=True):
        bars = [(ours, best, ratio) for ours, best, ratio in found if ours["protocol"] == protocol]
        names = [f"{ours['model']}, {ours['concurrency']} at a time" for ours, _, _ in bars]
        drawn = axis.barh(names, [ratio for _, _, ratio in bars], color="tab:blue")
        axis.bar_label(drawn, [f"{ratio:.1f} × {best['server']}" for _, best, ratio in bars], padding=3, fontsize=7)
        axis.axvline(1, color="black", linewidth=1)
        axis.invert_yaxis()
        axis.margins(x=0.35)
        axis.tick_params(labelsize=7)
        axis.set_title(f"{protocol}: requests per second, best peer = 1", fontsize=9)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
