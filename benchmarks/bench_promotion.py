"""How often are equal, better and worse candidates promoted? `make bench-promotion` plays rollouts of known worth.

The product's own code decides; only the models' answers are made up. Figures, plot and page are written at the end.
Answers are kept in build/promotion, so that a run that was cut short goes on, until a line of ours changes.
"""

import argparse
import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from joblib import Memory
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from noria.contract import Policy
from promotion import plot, report, rollouts, rounds

RESULTS, PLOT = Path("benchmarks/results/promotion.json"), Path("docs/plots/promotion.svg")
SOURCES = ("benchmarks/promotion", "operator/noria/contract", "trainers/noria_trainers")


def code() -> str:
    """Digest of all that decides."""
    files = sorted(file for folder in SOURCES for file in Path(folder).rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def tallied(question: rollouts.Question, count: int) -> list[dict[str, Any]]:
    """The tallies of one question, on one thread."""
    with threadpool_limits(1):
        return rollouts.tallies(question, count, seed=1)


def lived(policy: Policy, trend: float, count: int) -> dict[str, Any]:
    """The lives under one policy, on one thread."""
    with threadpool_limits(1):
        return dict(rounds.summary([rounds.life(policy, trend, seed) for seed in range(count)]))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rollouts", type=int, default=2000, help="of each candidate (default: %(default)s)")
    arguments.add_argument("--lives", type=int, default=100, help="of fifty retrains (default: %(default)s)")
    arguments.add_argument("--processes", type=int, default=2)
    given = arguments.parse_args()
    kept = Memory(f"build/promotion/{code()}", verbose=0)
    ask = partial(kept.cache(tallied), count=given.rollouts)
    live = partial(kept.cache(lived), count=given.lives)
    with ProcessPoolExecutor(given.processes) as pool:
        every, differing = rollouts.questions(), rollouts.by_agreement()
        asked = pool.map(ask, [*every, *differing])
        played = {
            trend: {str(policy): pool.submit(live, policy, step) for policy in rounds.POLICIES}
            for trend, step in rounds.TRENDS.items()
        }
        found = list(tqdm(asked, total=len(every) + len(differing), desc="rollouts", mininterval=10))
        lives = {trend: {name: each.result() for name, each in futures.items()} for trend, futures in played.items()}
    answer = {
        "rollouts": given.rollouts,
        "tallies": [each for tally in found[: len(every)] for each in tally],
        "by_agreement": [each for tally in found[len(every) :] for each in tally],
        "rounds": lives,
    }
    RESULTS.write_text(json.dumps(answer, indent=1) + "\n")
    accuracy = [each for each in answer["tallies"] if each["metric"] == "Accuracy"]
    plot.draw(accuracy, lives, PLOT)
    report.write(answer)


if __name__ == "__main__":
    main()
