"""A proof for people: the tables and the plot beside it. Used by `steps.prove` and `noria why`."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from noria.contract import Metric, Origin
from noria.contract.place import CARD
from noria_store.store import Store
from noria_store.uri import join
from noria_trainers.conclusion.markdown import escape, table
from noria_trainers.lazy import Lazy
from noria_trainers.proof import words
from noria_trainers.proof.gain import Gain
from noria_trainers.proof.kept import Cost, Proof
from noria_trainers.target.plot import clean, png
from noria_trainers.wording import rounded

if TYPE_CHECKING:
    import matplotlib.figure as drawing
else:
    drawing = Lazy("matplotlib.figure")

PLOT = "gain.png"
_BLUE, _GREY, _RED = "#2a6f97", "#9aa5b1", "#b5443c"
Rows = list[tuple[str, ...]]


def write(folder: str, proof: Proof, store: Store) -> None:
    """Put the card, and its plot where there is something to draw, into the proof's folder."""
    if proof.gain is not None:
        store.write(join(folder, PLOT), _plot(proof))
    store.write(join(folder, CARD), render(proof).encode())


def render(proof: Proof) -> str:
    """The card as Markdown."""
    case, report = proof.case, proof.report
    parts = [
        f"# Version {case.candidate} beside version {case.served}",
        f"**{report.result}** ({report.reason}): {escape(report.message)}.",
    ]
    for title, rows in tables(proof):
        head, *body = [[escape(cell) for cell in row] for row in rows]
        parts += [f"## {title}", table(head, body)]
    if proof.gain is not None:
        parts.append(f"![Gain with its bounds, and the margin]({PLOT})")
    return "\n\n".join(parts) + "\n"


def tables(proof: Proof) -> Iterator[tuple[str, Rows]]:
    """Titles and rows, the first of which is the head."""
    if proof.gain is not None:
        yield words.metric_head(proof.case.metric), _scores(proof)
    if proof.classes:
        head: tuple[str, ...] = ("class", "examples", "recall", "before", "gain at least", "gain at most")
        yield "Recall by class, with bounds that hold for all at once", [head, *_classes(proof)]
    if proof.of_groups:
        head = ("group", "examples", str(proof.case.metric), "before")
        yield "The largest groups", [head, *_groups(proof)]
    if proof.of_origins:
        head = ("origin", "examples", "candidate", "before", "gain", "at least", "at most")
        yield "Gain by origin of the examples", [head, *_origins(proof)]
    if proof.candidate.bytes is not None:
        yield "Cost", _costs(proof)


def _scores(proof: Proof) -> Rows:
    case, rows = proof.case, []
    for version, gain in ((case.served, proof.gain), (case.anchor, proof.anchor)):
        if gain is not None:
            rows.append((f"version {version}", *_figures(case.metric, gain)))
    margin = "" if proof.margin == 0 else f", margin {rounded(case.metric, proof.margin)}"
    head = (f"compared with{margin}", "its score", "candidate", "baseline", "gain", "at least", "at most")
    return [head, *rows]


def _figures(metric: Metric, gain: Gain) -> Sequence[str]:
    figures = (gain.other, gain.candidate, gain.baseline, gain.value, gain.low, gain.high)
    return [rounded(metric, each) for each in figures]


def _classes(proof: Proof) -> Rows:
    return [
        (
            each.name + (" (worse)" if each.is_worse else ""),
            f"{each.examples:,}",
            *(f"{value:.3f}" for value in (each.candidate, each.other, each.low, each.high)),
        )
        for each in proof.classes
    ]


def _groups(proof: Proof) -> Rows:
    metric = proof.case.metric
    return [
        (f"{each.group}", f"{each.examples:,}", rounded(metric, each.candidate), rounded(metric, each.other))
        for each in proof.of_groups
    ]


def _origins(proof: Proof) -> Rows:
    case, rows = proof.case, []
    names: dict[str, str] = {
        Origin.KNOWN: f"there at version {case.served} or before",
        Origin.ADDED: f"added since version {case.served}",
    }
    for each in proof.of_origins:
        gain = each.gain
        figures = (gain.candidate, gain.other, gain.value, gain.low, gain.high)
        name = names.get(each.origin, each.origin)
        rows.append((name, f"{each.examples:,}", *(rounded(case.metric, figure) for figure in figures)))
    return rows


def _costs(proof: Proof) -> Rows:
    head = ("version", "bytes", "parameters", "p50 of one request", "p95")
    versions = ((proof.case.candidate, proof.candidate), (proof.case.served, proof.served))
    return [head, *((f"version {version}", *_cost(cost)) for version, cost in versions)]


def _cost(cost: Cost) -> Sequence[str]:
    counts = [f"{each:,}" if each is not None else "-" for each in (cost.bytes, cost.parameters)]
    times = (cost.p50_milliseconds, cost.p95_milliseconds)
    return [*counts, *(f"{each:.2f} ms" if each is not None else "-" for each in times)]


def _plot(proof: Proof) -> bytes:
    """The gain over the served version and over the anchor with their bounds, beside 0 and the margin."""
    case = proof.case
    shown = [
        (f"version {version}", gain)
        for version, gain in ((case.served, proof.gain), (case.anchor, proof.anchor))
        if gain is not None
    ]
    figure = drawing.Figure(figsize=(6, 1 + 0.5 * len(shown)), layout="constrained")
    axes = figure.add_subplot()
    for place, (_, gain) in enumerate(shown):
        axes.plot([gain.low, gain.high], [place, place], color=_BLUE, linewidth=2)
        axes.plot(gain.value, place, marker="o", color=_BLUE)
    axes.axvline(0, color=_GREY, linewidth=1)
    axes.axvline(-proof.margin, color=_RED, linewidth=1, linestyle="--")
    axes.set_yticks(range(len(shown)), [f"over {name}" for name, _ in shown])
    axes.set(xlabel=f"gain in {case.metric}, margin dashed", ylim=(-0.6, len(shown) - 0.4))
    return png(clean(figure, axes))
