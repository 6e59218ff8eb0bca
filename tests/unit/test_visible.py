"""Names and messages of others never steer the terminal of who reads them: at each place where they come out."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog

from noria.api.condition import MESSAGE_BYTES, with_condition
from noria.contract import ExitCode, FailureReport, ProfileReport, Severity, termination_message, visible, visible_in
from noria.decision import Event, EventType
from noria.runtime.cache import Key, Record
from noria.runtime.event import event_body
from noria_store import log
from noria_store.error import StepError
from noria_trainers.profile.finding import Findings

EVIL = "cat\x1b[2J\x07\u202egnp.exe\x9b31m\x00"
PLAIN = r"cat\x1b[2J\x07\u202egnp.exe\x9b31m\x00"
HIDDEN = [
    *map(chr, range(9)),
    *map(chr, range(14, 32)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u202a\u202e\u2066\u2069\u200e\ufeff",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (EVIL, PLAIN),
        (PLAIN, PLAIN),
        ("two\r\nlines\tof text", "two  lines of text"),
        ("a\u2028b\u3000c\xa0d", "a b\u3000c\xa0d"),
        ("half \udce9", r"half \udce9"),
        ("価格 żółć 🧑\u200d🌾 می\u200cخواهم", "価格 żółć 🧑\u200d🌾 می\u200cخواهم"),
        ("tag \U000e0041", r"tag \U000e0041"),
    ],
)
def test_what_steers_or_hides_is_visible_and_words_stay(text: str, expected: str) -> None:
    assert visible(text) == expected
    assert visible(visible(text)) == expected


def test_every_control_character_is_visible() -> None:
    assert [each for each in HIDDEN if each in visible(f"a{each}b") or each in visible(f"a{each}b", lines=True)] == []
    assert visible("one\ntwo\x1b", lines=True) == "one\ntwo\\x1b"


def test_all_texts_of_a_status_are_visible() -> None:
    status = {"classes": [EVIL], "problems": [{"names": (EVIL,), "count": 3}], "score": 0.5, "url": None}
    assert visible_in(status) == {
        "classes": [PLAIN],
        "problems": [{"names": (PLAIN,), "count": 3}],
        "score": 0.5,
        "url": None,
    }


def test_a_condition_is_visible_and_within_its_bound() -> None:
    def condition(message: str) -> str:
        now = datetime(2026, 11, 22, tzinfo=UTC)
        (made,) = with_condition((), "Ready", False, reason="Refused", message=message, generation=1, now=now)
        return made.message

    assert condition(EVIL) == PLAIN
    assert len(condition("\x1b" * 2000).encode()) <= MESSAGE_BYTES


def test_an_event_is_visible_and_within_its_bound() -> None:
    record = Record(key=Key("Dataset", "shop", "clothes"), uid="u", version=1, generation=1)
    body = event_body(record, Event(EventType.WARNING, "Refused", EVIL))
    assert body["message"] == PLAIN
    assert len(event_body(record, Event(EventType.WARNING, "Refused", "é" * 2000))["message"].encode()) <= 1024


def test_a_failure_is_visible_in_message_and_report() -> None:
    error = StepError(ExitCode.BAD_DATA, "BadFile", EVIL)
    assert (error.message, str(error)) == (PLAIN, PLAIN)
    told = termination_message(FailureReport(reason="BadFile", message=EVIL))
    assert json.loads(told)["message"] == PLAIN


def test_findings_are_visible_wherever_they_go() -> None:
    findings = Findings()
    findings.error("TooFew", f"class {EVIL} has 3 examples", [EVIL])
    findings.warning("Unreadable", EVIL, [EVIL])
    assert [(each.severity, each.message, each.names) for each in findings.all()] == [
        (Severity.ERROR, f"class {PLAIN} has 3 examples", (PLAIN,)),
        (Severity.WARNING, PLAIN, (PLAIN,)),
    ]
    assert ProfileReport(classes=(EVIL,)).classes == (PLAIN,)


@pytest.fixture
def kept_logging() -> Iterator[None]:
    """Logging as it was, after the test."""
    root = logging.getLogger()
    handlers, level, configuration = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configuration)


@pytest.mark.parametrize("text", [pytest.param(False, id="json"), pytest.param(True, id="text")])
@pytest.mark.usefixtures("kept_logging")
def test_a_log_is_visible(text: bool) -> None:
    stream = io.StringIO()
    log.set_up(text=text, stream=stream, levels={"": "info"})
    logger = structlog.stdlib.get_logger("noria_store.test")
    logger.info(EVIL, name=EVIL, names=[EVIL])
    logging.getLogger("library").warning("read %s", EVIL)
    try:
        raise ValueError(EVIL)
    except ValueError:
        logger.exception("crashed")
    written = stream.getvalue()
    assert [each for each in HIDDEN if each in written] == []
    assert written.count("x1b[2J") + written.count("u001b[2J") >= 5
