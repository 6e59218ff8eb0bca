"""Says what noria-server does to each request that the best peer does, and where it misses what is asked of it.

Asked: at least twice the best peer's requests per second for all models but the large one at 8 and 32 at a time, not
fewer anywhere, and less memory than any peer. Used by `bench_serving`.
"""

from typing import Any

from serving.plot import LIMIT, OURS, ratios

Row = dict[str, Any]
LARGE, BUSY, TWICE = "large", (8, 32), 2.0


def missed(ours: Row, best: Row, ratio: float, peers: list[Row]) -> str:
    """What a row of ours misses, "" for nothing."""
    wanted = TWICE if ours["model"] != LARGE and ours["concurrency"] in BUSY else 1.0
    least = min(peers, key=lambda row: float(row["rss_mb"]))
    if ratio < wanted:
        return f"{ratio:.2f} of {best['server']}, {wanted:.0f} is wanted"
    if ours["rss_mb"] >= least["rss_mb"]:
        return f"{ours['rss_mb']} MB, {least['server']} has {least['rss_mb']}"
    return ""


def print_verdict(rows: list[Row]) -> None:
    """A line per row of ours, and then what is missed."""
    limits = {row["model"]: row["rps"] for row in rows if row["server"] == LIMIT}
    print(
        f"\nRequests per second, {OURS} / best peer, and / the model alone in one thread; MB / the least of the peers:"
    )
    misses = []
    for ours, best, ratio in ratios(rows):
        peers = [row for row in rows if row["model"] == ours["model"] and row["server"] not in (OURS, LIMIT)]
        name = f"{ours['protocol']} {ours['model']} {ours['concurrency']}"
        share = ours["rps"] / limits[ours["model"]]
        memory = ours["rss_mb"] / min(row["rss_mb"] for row in peers)
        bar = "#" * min(50, round(ratio * 5))
        print(f"  {name:24} {ratio:6.2f} ({best['server']:8}) {share:6.3f} {memory:6.2f} {bar}")
        if words := missed(ours, best, ratio, peers):
            misses.append(f"  {name}: {words}")
    print("\n".join(["Missed:", *misses]) if misses else "Nothing is missed.")
