"""How good are the five? Chosen for each of 418 public datasets without it, beside what else one could do.

`make bench-choose` writes benchmarks/results/choose.json and plots of benchmarks/meta-learning.md. Every block of
datasets is kept in build/choose, so that a run that was cut short resumes; each choice for a dataset comes from a model
fitted without it, and for "same-size groups" without all datasets of its size, which are likely siblings.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from choose.fold import USUAL
from choose.kept import Kept
from choose.plot import draw_choices
from choose.public import Public, read
from choose.regret import at
from choose.report import Choices, in_words, report
from choose.rivals import neighbours, portfolios, ranking
from choose.sweep import apart, marks_of_blocks, sweep, with_few_results

RESULTS, PLOTS = Path("benchmarks/results/choose.json"), Path("docs/plots")


def choices(public: Public, kept: Kept) -> Choices:
    """All that is chosen, which takes minutes."""
    blocks = marks_of_blocks(public, kept)
    marks = [blocks[group % len(blocks)] for group in public.group]
    marked = sweep(public, kept, "marked", blocks)
    blind = sweep(public, kept, "blind", [[] for _ in blocks])
    return Choices(
        lists={
            "single_best_repeated": ranking(public),
            "ten_neighbours": neighbours(public, [[] for _ in public.ids]),
            "ten_neighbours_with_landmarkers": neighbours(public, marks),
            "portfolio": portfolios(public, siblings_out=False),
            "without_landmarkers": blind[USUAL],
            "meta_learned": marked[USUAL],
            "meta_learned_landmarkers_too": marked["free"],
        },
        siblings_out={
            "portfolio": portfolios(public, siblings_out=True),
            "meta_learned": apart(public, kept, marked[USUAL], blocks),
        },
        variants=marked,
        marks=marks,
        few={count: with_few_results(public, kept, blocks, count) for count in (200, 20, 5)},
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--table", type=Path, required=True, help="folder of the public table")
    arguments.add_argument("--kept", type=Path, default=Path("build/choose"), help="where blocks are kept")
    given = arguments.parse_args()
    public = read(given.table)
    with threadpool_limits(1):  # its matrices are small: a second thread only waits
        made = choices(public, Kept(given.kept))
    answer = report(public, made)
    RESULTS.write_text(json.dumps(answer, indent=2) + "\n")
    draw_choices(answer, np.sort(at(public, made.portfolio, 5) - at(public, made.ours, 5)), PLOTS)
    print(in_words(answer))


if __name__ == "__main__":
    main()
