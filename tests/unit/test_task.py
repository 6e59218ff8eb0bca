"""What the table of tasks says, and that what follows from it is as committed."""

from pathlib import Path

import pytest
import yaml

from noria.api.dataset import Dataset
from noria.api.schema import definition
from noria.contract import TASKS, Metric, Task, why_unfit

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("task", Task)
def test_a_task_lists_the_metrics_that_it_takes_as_default_and_as_tie_breaker(task: Task) -> None:
    metrics = TASKS[task].metrics
    assert {metrics.default, metrics.tie_breaker} <= set(metrics.all)
    assert len(set(metrics.all)) == len(metrics.all)


def test_a_metric_that_fits_no_trial_of_the_task_is_answered_with_those_that_do() -> None:
    assert why_unfit(Metric.RMSE, Task.TABULAR_REGRESSION) is None
    assert why_unfit(Metric.ACCURACY, Task.CLICK_THROUGH_RATE) == (
        "Accuracy does not fit ClickThroughRate: use one of RocAuc, LogLoss"
    )


def test_the_rule_that_asks_for_a_target_follows_from_the_table() -> None:
    committed = yaml.safe_load((ROOT / "crds/datasets.yaml").read_text())
    assert definition(Dataset) == committed
