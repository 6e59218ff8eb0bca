"""What follows from a gain and its bounds: the table of the rule, row by row."""

from dataclasses import replace
from typing import Any

import pytest

from noria.contract import Policy, Verdict
from noria_trainers.proof.gain import Gain
from noria_trainers.proof.rule import Evidence, decide, is_within, margin, tail

MARGIN = 0.04
PROMOTED, REJECTED, INCONCLUSIVE = Verdict.PROMOTED, Verdict.REJECTED, Verdict.INCONCLUSIVE


def gain(value: float, low: float, high: float, lead: float = 0.4) -> Gain:
    """Over a model of accuracy .9."""
    return Gain(0.9 + value, 0.9, 0.9 - lead, value=value, low=low, high=high, lead=lead, variance=0.05)


BETTER, EQUAL, WIDE = gain(0.03, 0.01, 0.05), gain(0.0, -0.03, 0.03), gain(0.0, -0.05, 0.05)
EVEN, BEHIND, CLOSE, WORSE = (
    gain(-0.002, -0.03, 0.03),
    gain(-0.01, -0.035, 0.015),
    gain(-0.003, -0.013, 0.007),
    gain(-0.09, -0.12, -0.06),
)
SLIGHTLY_WORSE = gain(-0.02, -0.03, -0.01)


@pytest.mark.parametrize(
    ("policy", "given", "expected"),
    [
        pytest.param("Always", {"gain": WORSE}, (PROMOTED, "Always"), id="always"),
        pytest.param("Always", {"unusable": True}, (PROMOTED, "Always"), id="always, unusable"),
        pytest.param("NotWorse", {"gain": BETTER, "unusable": True}, (REJECTED, "Unusable"), id="unusable"),
        pytest.param("Approve", {"unusable": True}, (REJECTED, "Unusable"), id="approve, unusable"),
        pytest.param("Better", {"gain": BETTER, "differs": True}, (INCONCLUSIVE, "Different"), id="differs"),
        pytest.param("Approve", {"gain": BETTER}, (INCONCLUSIVE, "ApprovalWanted"), id="approve"),
        pytest.param("NotWorse", {"gain": None}, (INCONCLUSIVE, "NoCommonExamples"), id="nothing in common"),
        pytest.param("NotWorse", {"gain": WORSE}, (REJECTED, "Worse"), id="worse"),
        pytest.param("NotWorse", {"gain": WORSE, "worse_classes": True}, (REJECTED, "Worse"), id="worse, class too"),
        pytest.param("Better", {"gain": SLIGHTLY_WORSE}, (REJECTED, "Worse"), id="worse, within the margin"),
        pytest.param("NotWorse", {"gain": SLIGHTLY_WORSE}, (INCONCLUSIVE, "NotShown"), id="within, yet clearly worse"),
        pytest.param("NotWorse", {"gain": BETTER, "worse_classes": True}, (INCONCLUSIVE, "ClassWorse"), id="class"),
        pytest.param("Better", {"gain": BETTER, "worse_classes": True}, (INCONCLUSIVE, "ClassWorse"), id="class too"),
        pytest.param("Better", {"gain": BETTER}, (PROMOTED, "Better"), id="better"),
        pytest.param("NotWorse", {"gain": BETTER}, (PROMOTED, "Better"), id="better than asked"),
        pytest.param("Better", {"gain": EQUAL}, (INCONCLUSIVE, "NotShown"), id="equal, better is wanted"),
        pytest.param("NotWorse", {"gain": EQUAL}, (PROMOTED, "NotWorse"), id="equal"),
        pytest.param("NotWorse", {"gain": EVEN}, (PROMOTED, "NotWorse"), id="even"),
        pytest.param("NotWorse", {"gain": WIDE}, (INCONCLUSIVE, "NotShown"), id="equal on few examples"),
        pytest.param("NotWorse", {"gain": BEHIND}, (INCONCLUSIVE, "NotShown"), id="behind, within the margin"),
        pytest.param("NotWorse", {"gain": CLOSE}, (PROMOTED, "NotWorse"), id="hardly behind, on many examples"),
        pytest.param("NotWorse", {"gain": EQUAL, "anchor": EQUAL}, (PROMOTED, "NotWorse"), id="anchor equal"),
        pytest.param("NotWorse", {"gain": EQUAL, "anchor": BEHIND}, (PROMOTED, "NotWorse"), id="anchor within"),
        pytest.param("NotWorse", {"gain": EQUAL, "anchor": WIDE}, (INCONCLUSIVE, "NotShown"), id="anchor unclear"),
        pytest.param("NotWorse", {"gain": EQUAL, "anchor": WORSE}, (REJECTED, "Worse"), id="losses would add up"),
        pytest.param("NotWorse", {"gain": BETTER, "anchor": WORSE}, (PROMOTED, "Better"), id="a loss is made good"),
    ],
)
def test_the_first_row_that_applies_decides(policy: str, given: dict[str, Any], expected: tuple[Verdict, str]) -> None:
    evidence = replace(Evidence(Policy(policy), gain=EQUAL, anchor=None, margin=MARGIN), **given)
    found = decide(evidence)
    assert (found.result, found.reason) == expected


@pytest.mark.parametrize(
    ("over_served", "over_anchor", "expected"),
    [(BETTER, None, True), (BETTER, BETTER, True), (BETTER, EQUAL, False), (EQUAL, BETTER, False)],
)
def test_only_what_is_better_than_the_anchor_replaces_it(
    over_served: Gain, over_anchor: Gain | None, expected: bool
) -> None:
    found = decide(Evidence(Policy.NOT_WORSE, over_served, over_anchor, MARGIN))
    assert found.is_better is expected
    assert found.result is PROMOTED


def test_the_margin_is_a_share_of_the_lead_and_none_without_one() -> None:
    assert margin(10, gain(0, -0.1, 0.1, lead=0.4)) == pytest.approx(0.04)
    assert margin(10, gain(0, -0.1, 0.1, lead=-0.2)) == 0
    assert not is_within(gain(0.0, -0.001, 0.001), 0)


def test_the_hold_out_uses_two_fifths_of_the_error() -> None:
    assert tail(95) == pytest.approx(0.02)
    assert tail(80) == pytest.approx(0.08)
