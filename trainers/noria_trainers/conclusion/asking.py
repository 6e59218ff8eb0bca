"""How to ask a model: the card's commands, and what fits into a status. Used by `steps.conclude`, `card`, `warm_up`."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noria.contract import Call, InputName, Verb
from noria_trainers.by_example import ByExample
from noria_trainers.conclusion.document import Block, Code, Listing, Table, paragraph, row
from noria_trainers.data.revision import Revision
from noria_trainers.modality.made_up import MadeUp
from noria_trainers.modality.modality import modality_of

BODY_BYTES, NAME_BYTES, MOST_NAMES = 900, 600, 20
"""Of a status: bytes of the request, bytes of columns' other names, and how many of these."""
_RESULTS = {
    Verb.CLASSIFY: "Each result is a list of classes with their scores.",
    Verb.REGRESS: "Each result is a number in the unit of the target.",
}
_ADDRESS = (
    "`$MODEL` is the Model's name. `$HOST` is its Service of that name, or `localhost` after `kubectl port-forward "
    "svc/$MODEL 8501`."
)
_TYPED = (
    "Faster, but with every column, and under names that TensorFlow takes; a missing number is `NaN`, a missing text "
    'is `""`:'
)


@dataclass(frozen=True)
class Asking:
    """Requests with made-up examples."""

    verb: Verb
    """Of those that take examples as people have them."""
    made_up: MadeUp

    @classmethod
    def of(cls, revision: Revision, scratch: Path) -> "Asking":
        """For models of a revision."""
        by_example = ByExample.of(revision.manifest)
        made_up = modality_of(revision.manifest.task).made_up(revision, scratch)
        return cls(by_example.verb if by_example else Verb.PREDICT, made_up)

    def call(self) -> Call:
        """What a status says: as many columns as fit."""
        if self.made_up.row is None:
            return Call(verb=self.verb, body=_text(_body(self.verb, self.made_up.instance)), note=self.made_up.note)
        row: dict[str, str | float] = {}
        for name, value in self.made_up.row.items():
            if len(_text(_body(self.verb, {**row, name: value})).encode()) <= BODY_BYTES:
                row[name] = value
        inputs = _fitting([InputName(column=column, input=name) for column, name in self.made_up.renamed.items()])
        return Call(verb=self.verb, body=_text(_body(self.verb, row)), note=self.made_up.note, inputs=inputs)

    def blocks(self, answer: str) -> tuple[Block, ...]:
        """The card's commands; `answer` is a sentence about predictions."""
        typed = _command(Verb.PREDICT, self.made_up.instance, self.made_up.command)
        note = f"{self.made_up.note[:1].upper()}{self.made_up.note[1:]}."
        if self.made_up.row is None:
            return typed, paragraph(f"{_ADDRESS} {answer} {note}"), *self._programs
        return (
            _command(self.verb, self.made_up.row),
            paragraph(f"{_ADDRESS} {_RESULTS[self.verb]} {note}"),
            *self._programs,
            paragraph(_TYPED),
            typed,
            paragraph(answer),
            *_renamed(self.made_up.renamed),
        )

    @property
    def _programs(self) -> tuple[Block, ...]:
        """The same from Python, over both protocols."""
        rest, grpc = (_program(*each, self.made_up.example) for each in (("http", 8501), ("grpc", 8500)))
        return paragraph("From Python, by `noria_client`:"), rest, paragraph("The same over gRPC:"), grpc


def _command(verb: Verb, example: Any, printing: str | None = None) -> Listing:
    printed = printing or f"printf %s {shlex.quote(_text(_body(verb, example)))}"
    return Listing("sh", f"{printed} |\n  curl http://$HOST:8501/v1/models/$MODEL:{verb} -d @-")


def _program(scheme: str, port: int, example: Any) -> Listing:
    lines = (
        "from os import environ",
        "",
        "from noria_client import Model",
        "",
        f"""with Model(f"{scheme}://{{environ['HOST']}}:{port}", name=environ["MODEL"]) as model:""",
        f"    print(model.predict({example!r}))",
    )
    return Listing("python", "\n".join(lines))


def _body(verb: Verb, example: Any) -> dict[str, Any]:
    if verb is Verb.PREDICT:
        return {"instances": [example]}
    return {"signature_name": verb, "examples": [example]}


def _renamed(names: Mapping[str, str]) -> Iterator[Table]:
    if names:
        rows = (row(column, Code(name)) for column, name in names.items())
        yield Table("Columns with another name", ("column", f"its name for :{Verb.PREDICT}"), tuple(rows))


def _fitting(names: list[InputName]) -> tuple[InputName, ...]:
    kept, size = [], 0
    for each in names[:MOST_NAMES]:
        size += len(each.to_json().encode())
        if size > NAME_BYTES:
            break
        kept.append(each)
    return tuple(kept)


def _text(document: Any) -> str:
    """As JSON on one line, with every character that does not print as an escape."""
    text = json.dumps(document, ensure_ascii=False)
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)
