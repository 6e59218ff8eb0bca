"""Reports fit a termination message however large they are, and come back as what they were."""

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from noria.contract import (
    ORDER,
    REPORT_BYTES,
    STEPS,
    Artifact,
    Call,
    ChooseReport,
    ChosenConfiguration,
    ConcludeReport,
    Configuration,
    EnsembleMember,
    FailureKind,
    FailureReport,
    FinishedTrial,
    InputName,
    Metric,
    Problem,
    ProfileReport,
    ProveReport,
    Report,
    Severity,
    TrainOrder,
    TrainReport,
    Verb,
    Verdict,
    order_in,
    order_variables,
    parse_report,
    replaced,
    termination_message,
)

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("operator", "store", "trainers", "serving", "cli", "tools")
ARTIFACT = Artifact(uri="s3://" + "b" * 1019, digest="sha256:" + "0" * 64)
LARGE = Configuration(
    family="tabular-residual-network-with-attention", parameters={f"p{n:02}": 0.0012345 for n in range(16)}
)
EMOJI, QUOTE, NUL, HALF = "🌊" * 300, '"\\' * 600, "\x00\x1f\x7f" * 400, "\udce9" * 400


def profile(text: str) -> ProfileReport:
    """As many problems, names and classes as there may be, all made of `text`."""
    problem = Problem(reason="R" * 40, severity=Severity.ERROR, message=text, count=10**9, names=(text,) * 5)
    return ProfileReport(
        revision="0" * 64, examples=10**12, classes=(text,) * 20, class_count=10**6, problems=(problem,) * 10,
        profile_uri="s3://" + "b" * 250,
    )  # fmt: skip


def choice(text: str) -> ChooseReport:
    """Ten large configurations, each with its reason."""
    chosen = ChosenConfiguration(configuration=LARGE, why=text[:120], expected_score=0.12345678901234567)
    return ChooseReport(strategy="S" * 40, basis=text, choices=(chosen,) * 10)


def conclusion(text: str) -> ConcludeReport:
    members = tuple(EnsembleMember(trial=f"{n}" * 63, weight=0.1) for n in range(10))
    return ConcludeReport(
        trial="t" * 63,
        ensemble=members,
        score=0.1,
        low=-1e300,
        high=1e300,
        artifact=ARTIFACT,
        card_uri=ARTIFACT.uri,
        message=text,
    )


def proof(text: str) -> ProveReport:
    return ProveReport(
        result=Verdict.INCONCLUSIVE, reason="R" * 40, message=text, examples=10**9, gain=-0.12345678901234567,
        low=-1.2345678901234567e-300, high=1.2345678901234567e300, differences=(text,) * 20, new_classes=(text,) * 20,
        worse_classes=(text,) * 20, proof_uri="s3://" + "b" * 250,
    )  # fmt: skip


@pytest.mark.parametrize("text", [EMOJI, QUOTE, NUL, HALF, "x" * 5000], ids=["emoji", "quotes", "control", "half", "x"])
@pytest.mark.parametrize(
    "largest",
    [profile, choice, conclusion, proof, lambda text: FailureReport(reason="R" * 40, message=text)],
    ids=["profile", "choose", "conclude", "prove", "failure"],
)
def test_the_largest_report_fits_and_comes_back(largest: Callable[[str], Report], text: str) -> None:
    report = largest(text)
    message = termination_message(report)
    assert len(message.encode()) <= REPORT_BYTES
    assert without_prose(parse_report(message)) == without_prose(report)


def call(text: str) -> Call:
    inputs = tuple(InputName(column=text[:9], input=f"column_{number}") for number in range(20))
    return Call(verb=Verb.CLASSIFY, body=text[:1024], note=text[:200], inputs=inputs)


def test_how_to_ask_the_model_is_told_where_it_fits_and_left_out_before_other_words_are_lost() -> None:
    usual = replaced(
        conclusion("better than the baseline"), ensemble=(), card_uri="s3://noria/card.md", call=call("x" * 700)
    )
    assert parse_report(termination_message(usual)) == usual
    largest = replaced(conclusion("m" * 5000), call=call(EMOJI))
    found = parse_report(termination_message(largest))
    assert without_prose(found) == without_prose(replaced(largest, call=None))


def test_a_large_train_report_fits_whole() -> None:
    metrics = {f"{metric}{n}": 0.12345678901234567 for n, metric in enumerate((*Metric, *list(Metric)[:4]))}
    report = TrainReport(score=0.5, metrics=metrics, seconds=1e6, epochs=10**6, parameters=10**10, artifact=ARTIFACT)
    assert parse_report(termination_message(report)) == report


def test_a_small_report_is_not_cut() -> None:
    report = FailureReport(reason="SourceNotFound", message="s3://bücher/日本/ is empty: put “files” there")
    assert parse_report(termination_message(report)) == report


def test_a_name_keeps_its_beginning_and_its_ending() -> None:
    name = "photos/" + "holiday-" * 200 + "4711.jpeg"
    report = parse_report(termination_message(profile(name)))
    assert isinstance(report, ProfileReport)
    shown = report.problems[0].names[0]
    assert shown.startswith("pho")
    assert shown.endswith("eg")
    assert "…" in shown


def test_control_characters_become_visible_and_words_stay() -> None:
    problem = Problem(
        reason="Unreadable", severity=Severity.WARNING, message="two\nlines\x1b[31m", names=("a\udce9.png",)
    )
    found = parse_report(termination_message(ProfileReport(problems=(problem,))))
    assert isinstance(found, ProfileReport)
    assert (found.problems[0].message, found.problems[0].names) == ("two lines\\x1b[31m", ("a\\udce9.png",))


def test_parameters_are_never_cut() -> None:
    configuration = Configuration(family="f", parameters={"names": "n" * 64, "message": "m" * 64})
    chosen = ChosenConfiguration(configuration=configuration, why="w" * 120)
    found = parse_report(termination_message(ChooseReport(strategy="S", basis="b" * 4000, choices=(chosen,) * 8)))
    assert isinstance(found, ChooseReport)
    assert found.choices[0].configuration == configuration


@pytest.mark.parametrize("text", [EMOJI, QUOTE, NUL, "x" * 5000], ids=["emoji", "quotes", "control", "x"])
def test_parameters_that_do_not_fit_are_left_to_the_stored_report(text: str) -> None:
    parameters = {f"{n:02}" + "p" * 38: text[:64] for n in range(16)}
    configuration = Configuration(family="f" * 40, parameters=parameters)
    chosen = ChosenConfiguration(
        configuration=configuration, why="w" * 120, expected_score=-0.12345678901234567, spread=0.12345678901234567
    )
    report = ChooseReport(strategy="S" * 40, basis="b" * 4000, choices=(chosen,) * 10)
    found = parse_report(termination_message(report))
    assert isinstance(found, ChooseReport)
    assert found.is_abridged
    assert [(each.configuration, each.expected_score) for each in found.choices] == [
        (Configuration(family="f" * 40), chosen.expected_score)
    ] * 10
    assert parse_report(report.to_json()) == report


@given(st.text(), st.sampled_from('$x"\n🌊'), st.integers(0, 1_000_000))
@settings(max_examples=20, deadline=None)
def test_an_order_of_any_size_comes_back_from_variables_that_linux_takes(start: str, character: str, size: int) -> None:
    order = start + character * size
    variables = order_variables(order)
    assert order_in({**variables, "HOME": "/tmp"}) == order
    assert all(len(f"{name}={part}".encode("utf-8", "surrogatepass")) < 2**17 for name, part in variables.items())


def test_an_order_of_usual_size_is_in_one_variable() -> None:
    assert order_variables("x" * 20_000) == {"NORIA_ORDER": "x" * 20_000}
    assert order_in({}) == ""


@pytest.mark.parametrize("text", [None, "", "Killed", "{}", '{"kind":"train"}', '{"kind":"profile"', "[]"])
def test_what_is_no_report_is_none(text: str | None) -> None:
    assert parse_report(text) is None


def test_fields_of_another_version_are_passed_over() -> None:
    assert parse_report('{"kind":"failure","reason":"R","message":"m","cure":"c"}') == FailureReport(
        reason="R", message="m"
    )


@given(st.text(max_size=2000), st.lists(st.text(max_size=600), max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_words_fit(message: str, names: list[str]) -> None:
    problem = Problem(reason="R", severity=Severity.ERROR, message=message, names=tuple(names))
    report = ProfileReport(problems=(problem,) * 10, classes=tuple(names) * 4)
    cut = termination_message(report)
    assert len(cut.encode()) <= REPORT_BYTES
    assert without_prose(parse_report(cut)) == without_prose(report)


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8),
        st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=64),
        max_size=8,
    )
)
@settings(max_examples=60, deadline=None)
def test_an_id_depends_on_neither_order_nor_a_trip_through_an_api_server(
    parameters: dict[str, bool | int | float | str],
) -> None:
    shuffled = Configuration(family="f", parameters=dict(reversed(parameters.items())))
    assert Configuration(family="f", parameters=parameters).id == shuffled.id


def test_an_id_tells_values_apart_but_not_1_from_1_0() -> None:
    values: list[bool | int | float | str] = [1, True, "1", 1.5, 2]
    assert len({Configuration(family="f", parameters={"a": value}).id for value in values}) == len(values)
    assert Configuration(family="f", parameters={"a": 1.0}).id == Configuration(family="f", parameters={"a": 1}).id
    assert len(Configuration(family="f").id) == 12


def test_an_order_comes_back_from_its_json() -> None:
    order = TrainOrder(
        task="TabularClassification", metric="Accuracy", revision="s3://b/r/", configuration=LARGE, destination="s3://b/d/",
        report="s3://b/d/report.json",
    )  # fmt: skip
    assert ORDER.validate_json(order.to_json()) == order
    assert json.loads(order.to_json())["step"] == "train"


@pytest.mark.parametrize("name", STEPS)
def test_order_and_report_of_a_step_say_its_name(name: str) -> None:
    order, report = (TypeAdapter(kind).json_schema() for kind in (STEPS[name].order, STEPS[name].report))
    assert order["properties"]["step"]["const"] == report["properties"]["kind"]["const"] == name
    assert find_spec(f"noria_trainers.steps.{name}")


def test_a_replaced_field_must_exist() -> None:
    report = FailureReport(reason="R", message="m")
    assert replaced(report, reason="Q") == FailureReport(reason="Q", message="m")
    with pytest.raises(TypeError, match="FailureReport has no field cause"):
        replaced(report, cause="Q")


def test_no_field_of_a_model_is_changed_by_an_unchecked_name() -> None:
    sources = (path for folder in SOURCES for path in (ROOT / folder).rglob("*.py"))
    assert [path.name for path in sources if "model_copy(" in path.read_text()] == ["shape.py"]


def without_prose(report: Report | None) -> object:
    """What must survive any cut: the shape of the report and all that is not prose."""

    prose = ("message", "names", "classes", "why", "basis", "differences", "new_classes", "worse_classes")

    def strip(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {name: strip(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [strip(item, key) for item in value]
        return "" if key in prose else value

    assert report is not None
    return strip(report.model_dump(mode="json"))


def test_a_failure_that_only_another_version_knows_is_no_result() -> None:
    trial = FinishedTrial.model_validate(
        {"name": "t1", "configuration": {"family": "image-cnn"}, "failure": "Eclipse", "report": "s3://b/report.json"}
    )
    assert trial.failure is FailureKind.INFRASTRUCTURE
    assert [kind for kind in FailureKind if not kind.is_result] == [FailureKind.OUT_OF_DISK, FailureKind.INFRASTRUCTURE]
