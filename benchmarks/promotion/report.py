"""Writes benchmarks/promotion.md from the figures. Used by `bench_promotion`."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

PAGE = Path("benchmarks/promotion.md")
TWO_PERCENT, FIVE_PERCENT, HALF = 0.02, 0.05, 0.5
Rows = Sequence[Mapping[str, Any]]

_HEAD = """# Who is promoted

`make bench-promotion` plays {rollouts:,} rollouts of each candidate below. Models' answers are made up, so that
it is known how good they are; everything else is the product's own code. Two models share what is hard about an
example, so they agree about as a retrained model does with the one before. A point is 1 % of accuracy, area or
R², or of the baseline's loss.

What is asked of the default margin of 10 % at a hold-out of 200: an equal model is promoted in at least half
the rollouts, one that is truly 3 points worse in at most 5 %. {answer}

`plain` is what a lower bound within the margin would promote by itself: the margin of a model far above its
baseline is wider than 3 points, so that rule takes what is clearly worse. Policy NotWorse therefore asks in
addition that the candidate did as well on the examples (by a twentieth of the margin), or that it is shown to
be within a third of the margin.

![Share promoted by true gain, and what serves over fifty retrains](../docs/plots/promotion.svg)
"""
_FEASIBLE = """## How much the models may differ

No rule can have both at any hold-out: whatever promotes an equal model in half the rollouts promotes one that
is 3 points worse in more than 5 % once the gain that is seen deviates by more than 1.8 points. At 200 examples
that is where only one of the models is right on more than about 6.6 % of them. Then larger hold-outs are
needed, and NotWorse says so (`NotShown`).
"""
_ROUNDS = """## Fifty retrains on the same hold-out of 200

Each candidate's accuracy is a trend with noise of one point; {lives} Models each. `worse` counts promotions of
what was truly worse, `beyond` those worse by more than the margin, `missed` candidates that were better by a
point or more and were not promoted, and `optimism` how much better than the truth the last version looks on the
hold-out that chose it.
"""


def write(answer: Mapping[str, Any]) -> None:
    """The whole page."""
    tallies = answer["tallies"]
    lives = next(iter(next(iter(answer["rounds"].values())).values()))["lives"]
    parts = [
        _HEAD.format(rollouts=answer["rollouts"], answer=_verdict(tallies)),
        "## Promoted by policy NotWorse, and by Better\n\n" + _promoted(tallies),
        "\n## Bounds that miss the true gain\n\nEach may in 2 % of the rollouts.\n\n" + _missed(tallies),
        _FEASIBLE + "\n" + _agreement(answer["by_agreement"]),
        _ROUNDS.format(lives=lives) + "\n" + _rounds(answer["rounds"]),
    ]
    PAGE.write_text("\n".join(parts))


def _verdict(tallies: Rows) -> str:
    holds: list[str] = []
    fails: list[str] = []
    for name, rows in _by_metric([each for each in tallies if each["size"] == 200]).items():
        shares = {each["gain"]: each["not_worse"] for each in rows}
        (holds if shares[0.0] >= HALF and shares[-0.03] <= FIVE_PERCENT else fails).append(name)
    words = f"Both hold for {', '.join(holds) or 'no metric'}"
    return f"{words}; not for {', '.join(fails)}, see below." if fails else f"{words}."


def _by_metric(tallies: Rows) -> dict[str, Rows]:
    names = dict.fromkeys(_name(each) for each in tallies)
    return {name: [each for each in tallies if _name(each) == name] for name in names}


def _name(tally: Mapping[str, Any]) -> str:
    kinds = {"ClickThroughRate": "clicks", "TabularRegression": "regression"}
    kind = kinds.get(tally["task"])
    return str(tally["metric"]) + (f" ({kind})" if kind else "")


def _promoted(tallies: Rows) -> str:
    head = ["metric", "held out", "equal", "+1", "−1", "−3", "plain, −3", "Better: equal", "Better: +1", "deviation"]
    rows = []
    for name, given in _by_metric(tallies).items():
        for size in sorted({each["size"] for each in given}):
            at = {each["gain"]: each for each in given if each["size"] == size}
            shares = [at[gain]["not_worse"] for gain in (0.0, 0.01, -0.01, -0.03)]
            better = [at[0.0]["better"], at[0.01]["better"]]
            cells = [f"{each:.3f}" for each in (*shares, at[-0.03]["plain"], *better)]
            rows.append([name, f"{size:,}", *cells, f"{100 * at[0.0]['deviation']:.1f} points"])
    return _table(head, rows)


def _missed(tallies: Rows) -> str:
    rows = []
    for name, given in _by_metric(tallies).items():
        for size in sorted({each["size"] for each in given}):
            here = [each for each in given if each["size"] == size]
            lows, highs = ([each[side] for each in here] for side in ("low_missed", "high_missed"))
            means = (sum(lows) / len(lows), max(lows), sum(highs) / len(highs), max(highs))
            rows.append([name, f"{size:,}", *(f"{each:.3f}" for each in means)])
    return _table(["metric", "held out", "lower, mean", "lower, most", "upper, mean", "upper, most"], rows)


def _agreement(tallies: Rows) -> str:
    rows = []
    for equal, worse in zip(tallies[::2], tallies[1::2], strict=True):
        figures = (equal["differing"], equal["not_worse"], worse["not_worse"], worse["plain"])
        rows.append([*(f"{each:.3f}" for each in figures), f"{100 * equal['deviation']:.1f} points"])
    return _table(["only one is right", "equal promoted", "−3 promoted", "−3 promoted by plain", "deviation"], rows)


def _rounds(rounds: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    head = ["retrains", "policy", "true change", "5th percentile", "promoted", "worse", "beyond", "missed", "optimism"]
    rows = []
    for trend, policies in rounds.items():
        for policy, found in policies.items():
            changes = (found["worth"], found["worth_5th_percentile"])
            counts = (found["promoted"], found["worse"], found["beyond_margin"])
            cells = [*(f"{100 * each:+.2f}" for each in changes), *(f"{each:.1f}" for each in counts)]
            rows.append([trend, policy, *cells, f"{found['missed']:.0%}", f"{100 * found['optimism']:+.1f}"])
    return _table(head, rows) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows)) + "\n"
