"""A model card says what a person must know before they use the model."""

import dataclasses
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from noria.contract import Metric, Task, Verb
from noria_trainers.conclusion.asking import BODY_BYTES, Asking
from noria_trainers.conclusion.card import Card
from noria_trainers.conclusion.ensemble import Member, Selection
from noria_trainers.conclusion.holdout import Comparison
from noria_trainers.conclusion.interval import Interval
from noria_trainers.conclusion.markdown import markdown
from noria_trainers.conclusion.outline import document
from noria_trainers.modality.made_up import MadeUp
from unit.trainers.given_card import card, manifest


def render(shown: Card) -> str:
    return markdown(document(shown))


def test_the_score_comes_first_with_its_interval() -> None:
    assert "**Accuracy 0.9100** on the hold-out set (95 % interval 0.8800 to 0.9400)" in render(card()).splitlines()[2]


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        pytest.param((0.88, 0.94), "cannot resolve differences of less than 0.0300 in Accuracy", id="some errors"),
        pytest.param((0.99999, 1.0), "cannot resolve differences of less than 5e-06 in Accuracy", id="hardly any"),
    ],
)
def test_no_card_claims_to_resolve_every_difference(interval: tuple[float, float], expected: str) -> None:
    text = render(card(intervals={**card().intervals, Metric.ACCURACY: Interval(*interval)}))
    assert expected in text
    assert "less than 0.0000" not in text


def test_all_trials_are_there_also_the_failed_one() -> None:
    text = render(card())
    assert "| **trial-1** | `image-cnn` (depth 2, width 32) | 0.9000 | 61 s |" in text
    assert "| trial-2 | `image-cnn` | failed: OutOfMemory |  |" in text


def test_scores_stand_beside_the_baseline_and_plots_are_linked() -> None:
    text = render(card())
    assert "| LogLoss | 0.2000 | 0.1500 to 0.2500 | 0.6900 | lower |" in text
    assert "![Confusion matrix](confusion-matrix.png)" in text


@pytest.mark.parametrize(
    ("metric", "low", "high", "baseline", "beaten"),
    [
        pytest.param(Metric.ACCURACY, 0.6, 0.8, 0.5, True, id="above"),
        pytest.param(Metric.ACCURACY, 0.45, 0.8, 0.5, False, id="perhaps below"),
        pytest.param(Metric.LOG_LOSS, 0.1, 0.4, 0.5, True, id="a smaller loss"),
        pytest.param(Metric.LOG_LOSS, 0.1, 0.6, 0.5, False, id="perhaps a larger loss"),
    ],
)
def test_it_warns_unless_it_surely_beats_the_baseline(
    metric: Metric, low: float, high: float, baseline: float, beaten: bool
) -> None:
    values = {metric: (low + high) / 2}
    shown = card(metric=metric, scores=values, intervals={metric: Interval(low, high)}, baseline={metric: baseline})
    assert shown.beats_baseline is beaten
    assert ("not significantly better" in render(shown)) is not beaten


TOGETHER = Selection(
    (Member("trial-1", 0.6, 1.2), Member("trial-2", 0.4, 0.8)), gain=0.02, interval=Interval(0.01, 0.03)
)


def test_an_ensemble_stands_beside_the_best_trial_alone() -> None:
    text = render(card(selection=TOGETHER, comparison=Comparison(0.9, 0.01, Interval(-0.01, 0.03))))
    assert "An ensemble of trial-1 (weight 0.60), trial-2 (weight 0.40); 14,345 trained parameters." in text
    assert "| trial-2 | 0.40 | 0.80 |" in text
    gain = "better than trial-1 alone by 0.0200 in Accuracy (95 % interval 0.0100 to 0.0300)"
    assert f"{gain}, so the ensemble was chosen." in text
    assert "better by 0.0100 in Accuracy (95 % interval -0.0100 to 0.0300); trial-1 alone scores 0.9000." in text


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"interval": Interval(-0.001, 0.03)}, "the gain is not significant", id="perhaps worse"),
        pytest.param(
            {"size": 700_000_000}, "their files take 700 MB, but at most 500 MB can be served together", id="large"
        ),
    ],
)
def test_why_an_ensemble_was_not_taken_is_said(changes: dict[str, Any], why: str) -> None:
    found = dataclasses.replace(TOGETHER, **changes)
    assert not found.pays
    text = render(card(selection=found))
    assert "Trial trial-1, `image-cnn` (depth 2, width 32); 12,345 trained parameters." in text
    assert f"{why}, so trial-1 alone was chosen." in text


def test_few_holdout_examples_of_a_class_are_a_limit() -> None:
    many = tuple(f"c{n}" for n in range(10))
    assert "so little is known about them: c0, c1, c2, c3, c4 and 5 more." in render(
        card(manifest=manifest(classes=many))
    )


def test_names_cannot_break_the_tables() -> None:
    lines = render(card(manifest=manifest(classes=("a|b", "*x*\n# y")))).splitlines()
    assert r"| a\|b | 50 | 50 | 50 |" in lines
    assert r"| \*x\* \# y | 50 | 50 | 50 |" in lines


def printed(command: str, folder: Path) -> Any:
    """What a command of the card sends."""
    done = subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True, cwd=folder)
    return json.loads(done.stdout)


def commands(text: str) -> list[tuple[str, str]]:
    """What prints a request, and where it goes."""
    blocks = re.findall(
        r"```sh\n(.*?) \|\n  curl http://\$HOST:8501/v1/models/\$MODEL:(\w+) -d @-\n```", text, re.DOTALL
    )
    return [(printing, verb) for printing, verb in blocks]


def test_a_request_with_a_text_is_valid_in_a_shell(tmp_path: Path) -> None:
    asking = Asking(Verb.PREDICT, MadeUp({}, "it's \u2028 a text", "a text is one string"))
    ((command, verb),) = commands(render(card(manifest=manifest(Task.TEXT_CLASSIFICATION), asking=asking)))
    assert (verb, printed(command, tmp_path)) == ("predict", {"instances": ["it's \u2028 a text"]})


ROW = MadeUp(
    inputs={},
    instance={"size": 0.5, "column_": "it's"},
    note="leave the key of a missing value out",
    row={"size": 0.5, "価格|": "it's"},
    renamed={"価格|": "column_"},
)


def test_rows_are_asked_for_under_their_own_names_and_under_those_of_the_inputs(tmp_path: Path) -> None:
    text = render(card(asking=Asking(Verb.REGRESS, ROW)))
    by_name, typed = commands(text)
    assert by_name[1] == "regress"
    assert printed(by_name[0], tmp_path) == {"signature_name": "regress", "examples": [ROW.row]}
    assert typed[1] == "predict"
    assert printed(typed[0], tmp_path) == {"instances": [ROW.instance]}
    assert r"| 価格\| | `column_` |" in text
    assert "| size |" not in text
    assert "Leave the key of a missing value out." in text


def test_a_status_says_how_to_ask_with_as_many_columns_as_fit() -> None:
    call = Asking(Verb.CLASSIFY, ROW).call()
    assert json.loads(call.body) == {"signature_name": "classify", "examples": [ROW.row]}
    assert [(each.column, each.input) for each in call.inputs] == [("価格|", "column_")]
    names = [f"{number} \u0085{'🌊' * 60}" for number in range(300)]
    many = dataclasses.replace(
        ROW, row=dict.fromkeys(names, 1.5), renamed={name: f"column_{number}" for number, name in enumerate(names)}
    )
    call = Asking(Verb.CLASSIFY, many).call()
    assert len(call.body.encode()) <= BODY_BYTES
    assert call.body.isprintable()
    (kept,) = json.loads(call.body)["examples"]
    assert list(kept) == names[: len(kept)]
    assert 1 <= len(call.inputs) <= len(kept) < 10


def test_an_image_request_is_valid_in_a_shell_also_for_a_large_image(tmp_path: Path) -> None:
    (tmp_path / "picture.jpg").write_bytes(b"x" * 300_000)
    ((command, _),) = commands(render(card()))
    assert len(printed(command, tmp_path)["instances"][0]["b64"]) == 400_000


def test_what_the_profile_found_stands_in_the_card() -> None:
    text = render(card(warnings=("status_code alone foretells churned", "3 rows <b>left out</b>")))
    assert "## Warnings" in text
    assert "* status\\_code alone foretells churned\n* 3 rows \\<b\\>left out\\</b\\>\n" in text
    assert "## Warnings" not in render(card())
