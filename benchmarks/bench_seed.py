"""How good are the five on the experience that our own trainers measured? `make bench-seed`, leaving out one parent.

For each dataset that `make experience` measured, five of the configurations that were trained on it are chosen from
everything shipped but what is of its parent; of the public table all datasets of its size are left out as well. Regret
is 0 for the best of its row and 1 for the worst; a parent counts once. Tasks with too few parents to learn from are
left out. Figures: benchmarks/results/seed.json.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from choose.regret import interval
from choose.rivals import at_random
from noria.contract import TASKS, Configuration, Metric, Task
from noria_trainers.choice.committed import PORTFOLIOS
from noria_trainers.choice.learned.choose import LearnedOptions, choose
from noria_trainers.choice.learned.evidence import LANDMARKER, Evidence
from noria_trainers.experience import shipped
from noria_trainers.experience.result import Result

RESULTS = Path("benchmarks/results/seed.json")
K = 5
NEVER = 1_000_000
"""Datasets from which on a choice is learned, where it shall not be."""
METHODS: dict[str, tuple[LearnedOptions, bool]] = {
    "portfolio": (LearnedOptions(learned_from=NEVER), True),
    "without_landmarkers": (LearnedOptions(), False),
    "meta_learned": (LearnedOptions(), True),
}
"""LearnedOptions, and whether the landmarkers are known."""


@dataclass(frozen=True)
class Row:
    """What was measured on one dataset."""

    parent: str
    examples: int
    results: list[Result]

    @property
    def features(self) -> Mapping[str, float]:
        """Its meta-features."""
        return self.results[0].meta_features

    def scores(self, metric: Metric) -> dict[str, float]:
        """By the configuration's id, higher being better; a configuration that failed is as bad as the worst."""
        sign = 1 if metric.higher_is_better else -1
        known = {
            each.configuration.id: sign * score.value
            for each in self.results
            for score in each.scores
            if score.metric is metric
        }
        return {each.configuration.id: known.get(each.configuration.id, min(known.values())) for each in self.results}


def rows(results: Sequence[Result], about: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The measured datasets whose rows are whole; `about` is what `made.json` says of them."""
    whole = np.median([each["results"] for each in about])
    by_revision: dict[str, list[Result]] = {each["revision"]: [] for each in about if each["results"] >= whole}
    for each in results:
        if each.revision in by_revision:
            by_revision[each.revision].append(each)
    kept = (each for each in about if each["revision"] in by_revision)
    return [Row(each["parent"], each["examples"], by_revision[each["revision"]]) for each in kept]


def others(row: Row, measured: Sequence[Row], public: Sequence[Result]) -> list[Result]:
    """All results but those of the row's parent, and of the public table's datasets of its size."""
    own = [result for each in measured if each.parent != row.parent for result in each.results]
    return [*own, *(each for each in public if not _is_as_large(each, row))]


def _is_as_large(result: Result, row: Row) -> bool:
    """As many examples, but for a percent, and columns, but for a constant one."""
    examples = 10 ** result.meta_features["logExamples"] / 0.9
    columns = result.meta_features["encodedColumns"] - row.features["encodedColumns"]
    return abs(examples / row.examples - 1) < 0.01 and abs(columns) <= 1


def regrets(row: Row, known: Sequence[Result], task: Task) -> dict[str, float]:
    """Of each method."""
    metric = TASKS[task].metrics.default
    scores, space = row.scores(metric), [each.configuration for each in row.results]
    best, worst = max(scores.values()), min(scores.values())
    evidence = Evidence.of(known, metric)
    fixed = [entry.configuration for entry in PORTFOLIOS[task]]
    blind = {name: value for name, value in row.features.items() if not name.startswith(LANDMARKER)}

    def reached(chosen: Sequence[Configuration]) -> float:
        return (best - max(scores[each.id] for each in chosen)) / ((best - worst) or 1.0)

    def learned(options: LearnedOptions, *, landmarked: bool) -> float:
        profile = row.features if landmarked else blind
        found = choose(profile, space, evidence, k=K, options=options, fixed=fixed)
        return reached([each.configuration for each in found.picks])

    committed = [each for each in fixed if each.id in scores]
    return {
        "random": float(at_random(np.array([[reached([each]) for each in space]]), min(K, len(space)))[0]),
        "committed_list": reached(committed[:K]),
        **{name: learned(options, landmarked=landmarked) for name, (options, landmarked) in METHODS.items()},
    }


def of_task(task: Task, note: Mapping[str, Any]) -> dict[str, Any]:
    """All figures of a task."""
    about = [each for each in note["datasets"] if each["task"] == task]
    results = list(shipped.results(task).values())
    revisions = {each["revision"] for each in about}
    public, measured = [each for each in results if each.revision not in revisions], rows(results, about)
    found: dict[str, list[dict[str, float]]] = {}
    for row in measured:
        found.setdefault(row.parent, []).append(regrets(row, others(row, measured, public), task))
        print(f"{task}: {len(found)} parents, {row.parent} {found[row.parent][-1]}", flush=True)
    by_method = {
        name: np.array([np.mean([each[name] for each in parent]) for parent in found.values()])
        for name in next(iter(found.values()))[0]
    }
    return {
        "parents": len(found),
        "datasets": len(measured),
        "configurations": len({result.configuration.id for row in measured for result in row.results}),
        "metric": TASKS[task].metrics.default,
        "regret_at_5": {name: interval(each) for name, each in by_method.items()},
        "meta_learned_less": {
            name: interval(by_method["meta_learned"] - each)
            for name, each in by_method.items()
            if name != "meta_learned"
        },
    }


def main() -> None:
    note = json.loads((files(shipped) / "measured" / "made.json").read_text())
    tasks = [task for task in Task if (files(shipped) / "measured" / f"{task}.parquet").is_file()]
    if not tasks:
        raise SystemExit("nothing is measured of a task with six unrelated datasets or more: `make experience` first")
    with threadpool_limits(1):
        answer = {task: of_task(task, note) for task in tasks}
    RESULTS.write_text(json.dumps(answer, indent=2) + "\n")
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
