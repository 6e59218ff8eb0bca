"""Show which configurations a revision would get, why, and what the choice rests on.

    noria explain s3://noria/datasets/shop/clothes/0123456789abcdef/ --experience s3://noria/experience/

Nothing is trained or written. Without --experience, only the results that ship with Noria count.
"""

import argparse
import tempfile
import textwrap
from pathlib import Path

from noria.contract import TASKS, ChooseOrder, ChooseReport, ChosenConfiguration, ExitCode, Metric, visible, why_unfit
from noria_cli.argument import add_trials, one_of
from noria_cli.cluster.option import add_cluster
from noria_cli.own_store import own_store
from noria_cli.score import headed
from noria_store.error import StepError
from noria_store.store import Store
from noria_store.uri import join
from noria_trainers.choice.learned.landmarkers import quick_scores
from noria_trainers.data.manifest import Manifest
from noria_trainers.data.revision import Revision
from noria_trainers.steps import choose
from noria_trainers.wording import rounded

HELP = "show which configurations a revision would get, and why"
WIDTH = 100
_EXPLORATION = "probability, 0 to 1, that the last configuration is a little-known one (default: %(default)s)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("revision", metavar="URI", help="folder of the revision, which contains status.profileURI")
    add("--experience", default="", metavar="URI", help="folder of further results to learn from")
    add(
        "--metric",
        type=one_of(Metric),
        metavar="METRIC",
        help=f"metric to choose by: {', '.join(Metric)} (default: the task's)",
    )
    add_trials(parser, "configurations")
    add("--exploration", type=_share, default=0.0, help=_EXPLORATION)
    add("--seed", type=int, default=0, help="random seed (default: %(default)s)")
    add_cluster(parser)


def main(arguments: argparse.Namespace) -> int:
    """Choose, and print the choice with its reasons."""
    with own_store(arguments, arguments.revision) as store:
        return _explained(arguments, store)


def _explained(arguments: argparse.Namespace, store: Store) -> int:
    uri = arguments.revision if "://" in arguments.revision else str(Path(arguments.revision).resolve())
    manifest = Revision.open(store, join(uri, "")).manifest
    metric = arguments.metric or TASKS[manifest.task].metrics.default
    if problem := why_unfit(metric, manifest.task):
        raise StepError(ExitCode.BAD_ORDER, "BadMetric", problem)
    order = ChooseOrder(
        task=manifest.task,
        metric=metric,
        revision=join(uri, ""),
        trials=arguments.trials,
        experience=arguments.experience,
        exploration=arguments.exploration,
        seed=arguments.seed,
        report="",
    )
    with tempfile.TemporaryDirectory(prefix="noria-") as scratch:
        report = choose.run(order, store, Path(scratch))
    print(visible(_told(manifest, metric, report), lines=True))
    return 0


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def _told(manifest: Manifest, metric: Metric, report: ChooseReport) -> str:
    about = f"{manifest.task}, {manifest.splits['train'].examples} training examples"
    if manifest.classes:
        about += f" of {len(manifest.classes)} classes"
    lines = [f"revision {manifest.revision}: {about}", *_quick(manifest), ""]
    lines += textwrap.wrap(f"{report.strategy}: {report.basis}", WIDTH)
    for number, each in enumerate(report.choices, 1):
        lines += ["", f"{number}. {_in_words(each)}", f"   {each.why}", *_expected(each, metric)]
    return "\n".join(lines)


def _quick(manifest: Manifest) -> list[str]:
    """The landmarkers' scores, `-` for those that did not finish."""
    found = quick_scores(manifest.task, manifest.meta_features)
    told = (f"{name} {'-' if score is None else f'{score:.4f}'}" for name, score in found.items())
    return [f"quick scores: {', '.join(told)}"] if found else []


def _in_words(each: ChosenConfiguration) -> str:
    found = each.configuration
    return " ".join([found.family, *(f"{name}={value}" for name, value in found.parameters.items())])


def _expected(each: ChosenConfiguration, metric: Metric) -> list[str]:
    if each.expected_score is None:
        return []
    spread = rounded(metric, each.spread or 0)
    return [f"   expected {headed(metric, None)} {rounded(metric, each.expected_score)} ± {spread}"]
