"""Train a model from files on this machine, with the operator's own steps and without a cluster.

    noria run --data clothes/ --task ImageClassification
    noria run --data houses.csv --task TabularRegression --target price --out houses

A run keeps its progress in the output folder: the same command continues where an earlier one was stopped.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from noria.contract import (
    TASKS,
    Column,
    ColumnType,
    ConcludeReport,
    Configuration,
    Ensemble,
    ExitCode,
    FinishedTrial,
    Format,
    Metric,
    ProfileReport,
    Severity,
    Strategy,
    Task,
    place,
    visible,
    why_unfit,
)
from noria_cli.argument import add_holdout, add_trials, one_of
from noria_cli.flag import failing_in_flags, in_flags
from noria_cli.in_process import InProcess, Options
from noria_cli.score import headed
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.wording import counted, rounded

HELP = "train a model from files and package it for serving, without a cluster"
SHOWN_PROBLEMS = 10
FLAGS = frozenset({"--data", "--task", "--target", "--format", "--column", "--metric"})
"""That say what fields of a Dataset and a TrainingJob do."""
_ENSEMBLE = f"whether trials may be combined into one model: {', '.join(Ensemble)} (default: %(default)s)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    add = parser.add_argument
    add("--data", required=True, help="folder with one subfolder per class, or a CSV, Parquet or JSON lines file")
    add("--task", type=one_of(Task), metavar="TASK", required=True, help=f"what to learn: {', '.join(Task)}")
    add("--target", help="column to predict, for tables and texts in files")
    add("--out", type=Path, default=Path("noria-out"), help="output folder (default: %(default)s)")
    add_holdout(parser, _place)
    add_trials(parser, "configurations to train")
    add(
        "--metric",
        type=one_of(Metric),
        metavar="METRIC",
        help=f"metric that decides which trial is best: {', '.join(Metric)} (default: the task's)",
    )
    ways = [Strategy.META_LEARNED, Strategy.PORTFOLIO, Strategy.RANDOM]
    add(
        "--strategy",
        type=one_of(ways),
        metavar="STRATEGY",
        default=ways[0],
        help=f"how configurations are chosen: {', '.join(ways)} (default: %(default)s)",
    )
    add("--ensemble", type=one_of(Ensemble), metavar="WHEN", default=Ensemble.IF_BETTER, help=_ENSEMBLE)
    add("--format", type=one_of(Format), metavar="FORMAT", help=f"{', '.join(Format)} (default: inferred)")
    types = ", ".join(ColumnType)
    add("--column", type=_column, action="append", default=[], metavar="NAME=TYPE", help=f"type of a column: {types}")
    add("--seed", type=int, default=0, help="random seed (default: %(default)s)")


def main(arguments: argparse.Namespace) -> int:
    """Run all steps; prints the scores and how to serve the model."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="noria-") as scratch, failing_in_flags(FLAGS):
        return _run(options, InProcess(options, Store.from_environment(), Path(scratch)))


def _run(options: Options, steps: InProcess) -> int:
    with _stage(f"1/4 profile {options.data}"):
        profile = steps.profile()
    _show_problems(profile)
    if profile.refused or profile.revision is None:
        return ExitCode.BAD_DATA
    _say(f"    {profile.examples:,} examples" + (f" of {profile.class_count} classes" if profile.class_count else ""))
    run = steps.start(profile.revision)
    with _stage(f"2/4 choose {counted(options.trials, 'configuration')}"):
        choice = run.choose()
    _say(f"    {choice.strategy}: {choice.basis}")
    trials = []
    for number, each in enumerate(choice.choices, 1):
        with _stage(f"3/4 train {number} of {len(choice.choices)}: {_in_words(each.configuration)}"):
            trials.append(run.train(f"trial-{number}", each))
        _say(f"    {_ending(trials[-1], options.metric)}")
    with _stage("4/4 conclude"):
        report = run.conclude(tuple(trials))
        version = run.place(report.artifact)
    _tell(options, trials, report, version)
    return ExitCode.DONE


def _options(arguments: argparse.Namespace) -> Options:
    metric = arguments.metric or TASKS[arguments.task].metrics.default
    if problem := why_unfit(metric, arguments.task):
        raise StepError(ExitCode.BAD_ORDER, "BadMetric", problem)
    return Options(
        data=_place(arguments.data),
        task=arguments.task,
        out=arguments.out.resolve(),
        target=arguments.target,
        format=arguments.format,
        columns=tuple(arguments.column),
        holdout=arguments.holdout,
        holdout_column=arguments.holdout_column,
        holdout_fraction=arguments.holdout_fraction,
        metric=metric,
        strategy=arguments.strategy,
        trials=arguments.trials,
        ensemble=arguments.ensemble,
        seed=arguments.seed,
    )


def _place(text: str) -> str:
    """A URI, or the whole path of a local file or folder."""
    return text if "://" in text else str(Path(text).resolve())


def _column(text: str) -> Column:
    name, _, kind = text.rpartition("=")
    if not name or kind not in set(ColumnType):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=TYPE, where TYPE is one of {', '.join(ColumnType)}")
    return Column(name=name, type=ColumnType(kind))


def _show_problems(profile: ProfileReport) -> None:
    for problem in profile.problems[:SHOWN_PROBLEMS]:
        unsaid = [name for name in problem.names if name not in problem.message]
        names = f" ({', '.join(unsaid)})" if unsaid else ""
        word = "error" if problem.severity is Severity.ERROR else "warning"
        _say(f"    {word}: {problem.reason}: {in_flags(problem.message, FLAGS)}{names}")


def _ending(trial: FinishedTrial, metric: Metric) -> str:
    if trial.score is None:
        return f"failed: {trial.failure}; the end of its log is in {place.log(trial.report)}"
    return f"{metric} {rounded(metric, trial.score)} on the validation set"


def _tell(options: Options, trials: list[FinishedTrial], report: ConcludeReport, version: Path) -> None:
    weights = {each.trial: each.weight for each in report.ensemble}
    metric, heading = options.metric, headed(options.metric, options.target)
    width = max(18, len(heading) + 2)
    print(f"\n{'trial':<10}{heading:>{width}}  configuration")
    for trial in ranked(trials, metric=metric, best=report.trial):
        score = "failed" if trial.score is None else rounded(metric, trial.score)
        mark = "  <- best" if trial.name == report.trial else ""
        mark += f"  ({weights[trial.name]:.0%} of the ensemble)" if trial.name in weights else ""
        print(f"{trial.name:<10}{score:>{width}}  {_in_words(trial.configuration)}{mark}")
    interval = f"95 % interval {rounded(metric, report.low)} to {rounded(metric, report.high)}"
    served = "the ensemble" if weights else report.trial
    print(f"\n{served} on the hold-out set: {metric} {rounded(metric, report.score)}, {interval}")
    print(f"({report.message})\n")
    print(f"model       {version}\nmodel card  {report.card_uri}\n")
    print(f"Serve it:\n  noria-server --model_name=model --model_base_path={version.parent} --rest_api_port=8501")
    print("The model card shows how to call it, with HOST=localhost and MODEL=model.")


def ranked(trials: Iterable[FinishedTrial], *, metric: Metric, best: str) -> list[FinishedTrial]:
    """The trials by their scores, of equals the one that is served first, and failed ones last."""
    return sorted(trials, key=lambda trial: (_rank(trial, metric), trial.name != best))


def _rank(trial: FinishedTrial, metric: Metric) -> float:
    if trial.score is None:
        return float("inf")
    return -trial.score if metric.higher_is_better else trial.score


def _in_words(configuration: Configuration) -> str:
    return " ".join([configuration.family, *(f"{name}={value}" for name, value in configuration.parameters.items())])


def _say(words: str) -> None:
    print(visible(words, lines=True), file=sys.stderr, flush=True)


@contextmanager
def _stage(title: str) -> Iterator[None]:
    _say(title)
    began = time.monotonic()
    yield
    _say(f"    {time.monotonic() - began:.1f} s")
