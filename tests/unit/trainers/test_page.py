"""A model card is one page that loads nothing and runs nothing, whatever the names in it are."""

import ast
import base64
import dataclasses
import hashlib
from html.parser import HTMLParser

import numpy as np
import pytest

from noria.contract import TASKS, ColumnType, Configuration, FailureKind, Task, Verb, replaced
from noria_trainers.conclusion.asking import Asking
from noria_trainers.conclusion.card import Card, Lineage, Row
from noria_trainers.conclusion.document import Listing
from noria_trainers.conclusion.ensemble import Member, Selection
from noria_trainers.conclusion.interval import Interval
from noria_trainers.conclusion.markdown import markdown
from noria_trainers.conclusion.outline import document
from noria_trainers.conclusion.page import page
from noria_trainers.conclusion.picture import calibrated
from noria_trainers.data.manifest import TableColumn
from noria_trainers.modality.made_up import MadeUp
from noria_trainers.target.shown import ClassScore, Miss, Misses, Shown
from noria_trainers.target.target import target_of
from unit.trainers.given_card import card, manifest

TAGS = {"html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "h1", "h2", "p", "strong"}
TAGS |= {"code", "pre", "ul", "li", "a", "div", "table", "caption", "thead", "tbody", "tr", "th", "td"}
TAGS |= {"figure", "img", "figcaption"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "id", "href", "class", "tabindex", "scope", "alt"}
ATTRIBUTES |= {"width", "height", "src", "aria-label", "aria-labelledby"}
VOID = frozenset({"meta", "img"})


class Read(HTMLParser):
    """What is in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def of(self, tag: str) -> list[dict[str, str]]:
        """Attributes of all such elements."""
        return [attributes for name, attributes in self.tags if name == tag]

    def said(self, tag: str) -> list[str]:
        """Texts directly in such elements."""
        return [text for name, text in self.texts if name == tag]


def answers(task: Task, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels [n] and predictions [n, k] for a task."""
    rng = np.random.default_rng(0)
    kind, outputs = TASKS[task].target, target_of(task).outputs(classes)
    if outputs > 1:
        truth = rng.integers(0, classes, 200)
        return truth, rng.dirichlet(np.ones(classes), 200) * 0.6 + np.eye(classes)[truth] * 0.4
    labels: np.ndarray = rng.random(200) if kind == "value" else rng.integers(0, 2, 200)
    return labels, np.clip(labels + rng.normal(size=200) / 2, 0, 1)[:, None]


def card_of(task: Task, classes: tuple[str, ...] = ("cat", "dog")) -> Card:
    """As `conclude` makes it, for a task."""
    metric = TASKS[task].metrics.default
    labels, predictions = answers(task, len(classes))
    names = classes if target_of(task).outputs(len(classes)) > 1 or TASKS[task].target == "click" else ()
    shown = target_of(task).shown(labels, predictions, names)
    assert shown.misses is not None
    return card(
        manifest=manifest(task, names),
        metric=metric,
        scores={metric: 0.9},
        intervals={metric: Interval(0.8, 1.0)},
        baseline={metric: 0.5},
        shown=shown,
        examples={each.place: f"example {each.place}" for each in shown.misses.rows},
        calibrated=calibrated(shown.calibration) if shown.calibration else None,
    )


ALWAYS = ["Scores", "Largest errors", "Trials", "Data", "Call it", "Limits", "Lineage"]


@pytest.mark.parametrize("task", Task)
def test_both_forms_of_a_task_s_card_have_the_same_sections_tables_and_pictures(task: Task) -> None:
    shown = card_of(task)
    written = document(shown)
    text, found = markdown(written), Read(page(written))
    assert found.said("h2") == [line[3:] for line in text.splitlines() if line.startswith("## ")]
    expected = {
        *ALWAYS,
        *(["Predictions for the hold-out"] if shown.shown.picture else []),
        *([] if TASKS[task].target == "value" else ["Calibration"]),
    }
    assert set(found.said("h2")) == expected
    assert len(found.of("table")) == text.count("\n| --- |")
    assert [each["alt"] for each in found.of("img")] == [each.alt for each in shown.pictures]
    assert [f"]({each.file})" in text for each in shown.pictures] == [True] * len(shown.pictures)


def test_a_page_says_what_its_parts_are() -> None:
    found = Read(page(document(card_of(Task.IMAGE_CLASSIFICATION))))
    assert (len(found.of("h1")), len(found.of("main")), found.of("html")) == (1, 1, [{"lang": "en"}])
    assert len(found.said("caption")) == len(found.of("table"))
    assert {each["scope"] for each in found.of("th")} == {"col", "row"}
    assert all(each["alt"] and int(each["width"]) > 1 and int(each["height"]) > 1 for each in found.of("img"))
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert [each["href"] for each in found.of("a")] == [f"#{each}" for each in ids]
    assert [each["aria-labelledby"] for each in found.of("section")] == ids


def test_a_page_loads_nothing_runs_nothing_and_lets_only_its_own_style_through() -> None:
    text = page(document(card_of(Task.TABULAR_CLASSIFICATION)))
    found = Read(text)
    (style,) = found.said("style")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = [each["content"] for each in found.of("meta") if each.get("http-equiv") == "Content-Security-Policy"]
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert not [word for word in ("url(", "@import", "expression(") if word in style]
    assert {tag for tag, _ in found.tags} <= TAGS
    assert {name for _, attributes in found.tags for name in attributes} <= ATTRIBUTES
    assert all(each["src"].startswith("data:image/png;base64,") for each in found.of("img"))
    assert all(each["href"].startswith("#") for each in found.of("a"))


def test_the_same_card_makes_the_same_bytes() -> None:
    one, other = (page(document(card_of(Task.TABULAR_REGRESSION))) for _ in range(2))
    assert one == other


EVIL = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</style></title><!-- -->",
    "&lt;b&gt; &amp;",
    "]]> ![x](http://x) `a` | # *",
)


def evil() -> Card:
    """Every text that a user can choose is markup."""
    script, image, closing, entity, mark = EVIL
    columns = tuple(TableColumn(name=each, type=ColumnType.CATEGORICAL) for each in EVIL)
    row = dict.fromkeys(EVIL, script)
    given = MadeUp(inputs={}, instance=row, note="none", row=row, renamed=dict.fromkeys(EVIL, "column_"))
    about = manifest(Task.TABULAR_CLASSIFICATION, EVIL)
    return card(
        manifest=replaced(about, columns=columns, target=closing),
        best=mark,
        trials=(
            Row(mark, Configuration(family=image, parameters={entity: closing}), 0.9, 1.0, None, why=script),
            Row(script, Configuration(family="x"), None, None, FailureKind.CRASHED, why=image),
        ),
        parameters={mark: 1},
        shown=Shown(
            picture=card().learned._replace(title=script, alt=image),
            classes=tuple(ClassScore(each, 1, None, None, None, (entity, 1)) for each in EVIL),
            misses=Misses("size", ("true",), (Miss(0, (script,)),)),
        ),
        examples={0: image},
        warnings=EVIL,
        selection=Selection((Member(mark, 1.0, 1.0), Member(script, 1.0, 1.0)), 0.1, Interval(-1, 1)),
        asking=Asking(Verb.CLASSIFY, given),
        lineage=Lineage(run=closing, digest=script, seed=0, trainer=image),
    )


def test_no_name_becomes_markup() -> None:
    found = Read(page(document(evil())))
    assert {tag for tag, _ in found.tags} <= TAGS
    assert {name for _, attributes in found.tags for name in attributes} <= ATTRIBUTES
    assert len(found.said("style")) == 1
    for name in EVIL:
        assert found.said("th").count(name) >= 3
        assert name in found.said("li")


def test_what_does_not_print_is_shown_as_an_escape() -> None:
    text = page(document(card(warnings=("a\x00b \x1b[31m \u202eabc \ud800",))))
    assert r"a\x00b \x1b[31m \u202eabc \ud800" in text
    assert text.encode()


def test_programs_of_a_card_ask_for_the_example() -> None:
    row: dict[str, str | float] = {"size": 0.5, 'it\'s "x"': "日本"}
    asked: list[tuple[MadeUp, object]] = [
        (MadeUp({}, instance={}, note="none", row=dict(row)), row),
        (card().asking.made_up, "picture.jpg"),
        (MadeUp({}, "it's a text", "none"), "it's a text"),
    ]
    for made_up, expected in asked:
        blocks = Asking(Verb.CLASSIFY, made_up).blocks("")
        programs = [each.text for each in blocks if isinstance(each, Listing) and each.language == "python"]
        assert [text.count("http://") for text in programs] == [1, 0]
        for text in programs:
            calls = [each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Call)]
            (given,) = (each.args[0] for each in calls if ast.unparse(each.func) == "model.predict")
            assert ast.literal_eval(given) == expected


def test_reasons_and_typical_values_stand_in_their_tables() -> None:
    why = dataclasses.replace(card().trials[0], why="best on 3 similar datasets")
    columns = tuple(TableColumn(name=each, type=ColumnType.NUMERIC) for each in ("size", "gone"))
    given = MadeUp({}, instance={}, note="none", row={"size": 0.5})
    shown = card(
        manifest=replaced(manifest(Task.TABULAR_CLASSIFICATION), columns=columns),
        trials=(why, *card().trials[1:]),
        asking=Asking(Verb.CLASSIFY, given),
    )
    text = markdown(document(shown))
    assert "| **trial-1** | `image-cnn` (depth 2, width 32) | best on 3 similar datasets | 0.9000 | 61 s |" in text
    assert "| size | Numeric | 0.5 |\n| gone | Numeric | (missing) |" in text


def test_the_worst_of_many_classes_are_shown() -> None:
    scores = tuple(ClassScore(f"c{n}", 1, 1.0, n / 100, n / 100, None) for n in range(99, -1, -1))
    text = markdown(document(card(shown=Shown(classes=scores))))
    assert "| c49 |" in text
    assert "| c50 |" not in text
