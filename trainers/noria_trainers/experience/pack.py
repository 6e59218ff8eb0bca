"""Results as Parquet and back: what many of them share is stored once. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from noria.contract import Configuration, FailureKind, Metric, Shape, Task
from noria_trainers.experience.result import Cost, Protocol, Result, Score

S = TypeVar("S")
_FEATURES: TypeAdapter[dict[str, float]] = TypeAdapter(dict[str, float])
_SHARED = pa.dictionary(pa.int32(), pa.string())
_COST = {"seconds": pa.float64(), "epochs": pa.int64(), "parameters": pa.int64()}
_SCHEMA = pa.schema(
    [
        *((name, _SHARED) for name in ("task", "revision", "meta_features", "configuration", "protocol", "failure")),
        *((metric.value, pa.float64()) for metric in Metric),
        *_COST.items(),
    ]
)


def to_parquet(results: Iterable[Result]) -> bytes:
    """A Parquet file of the results."""
    columns: dict[str, list[Any]] = {name: [] for name in _SCHEMA.names}
    texts: dict[int, str] = {}
    held = list(results)  # an object's id is its own while it is held
    for result in held:
        for name, value in _row(result, texts).items():
            columns[name].append(value)
    arrays = [pa.array(values, field.type) for field, values in zip(_SCHEMA, columns.values(), strict=True)]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA), sink, compression="zstd", compression_level=19)
    return bytes(sink.getvalue())


def from_parquet(data: bytes) -> dict[str, Result]:
    """The results of a Parquet file by their keys. ValueError where it is none, or not of this layout."""
    table = pq.read_table(pa.BufferReader(data), read_dictionary=[f.name for f in _SCHEMA if f.type == _SHARED])
    table = table.select(_SCHEMA.names).cast(_SCHEMA)
    tasks, revisions = _once(table, "task", Task), _once(table, "revision", str)
    features = _once(table, "meta_features", _FEATURES.validate_json)
    configurations = _once(table, "configuration", _named(Configuration))
    protocols = _once(table, "protocol", _named(Protocol))
    failures = _once(table, "failure", FailureKind)
    scores, costs = _scores(table), _costs(table)
    found = {}
    for row in range(table.num_rows):
        (configuration, its_id), (protocol, protocol_id) = configurations[row], protocols[row]
        key = f"{tasks[row]}/{revisions[row]}/{protocol_id}/{its_id}.json"
        found[key] = Result.model_construct(
            task=tasks[row],
            revision=revisions[row],
            meta_features=features[row],
            configuration=configuration,
            protocol=protocol,
            scores=scores[row],
            cost=costs[row],
            failure=failures[row],
        )
    return found


def _row(result: Result, texts: dict[int, str]) -> dict[str, Any]:
    """A result's columns; what several results share is written out once."""

    def text(value: Shape | Mapping[str, float]) -> str:
        if id(value) not in texts:
            if isinstance(value, Shape):
                texts[id(value)] = value.to_json()
            else:
                texts[id(value)] = _FEATURES.dump_json(dict(sorted(value.items()))).decode()
        return texts[id(value)]

    values = {score.metric: score.value for score in result.scores}
    return {
        "task": result.task.value,
        "revision": result.revision,
        "meta_features": text(result.meta_features),
        "configuration": text(result.configuration),
        "protocol": text(result.protocol),
        "failure": result.failure.value if result.failure else None,
        **{metric.value: values.get(metric) for metric in Metric},
        **{name: getattr(result.cost, name, None) for name in _COST},
    }


def _named(kind: type[Any]) -> Any:
    """Reads a configuration or protocol with its id, which takes a digest."""

    def read(text: str) -> tuple[Any, str]:
        value = kind.model_validate_json(text)
        return value, value.id

    return read


def _once(table: pa.Table, name: str, read: Any) -> list[Any]:
    """A column's values, each distinct one read once."""
    column = pc.dictionary_encode(table[name].cast(pa.string())).combine_chunks()
    values = [None if text is None else read(text) for text in column.dictionary.to_pylist()]
    return [None if index is None else values[index] for index in column.indices.to_pylist()]


def _scores(table: pa.Table) -> list[tuple[Score, ...]]:
    measured = [metric for metric in Metric if table[metric.value].null_count < table.num_rows]
    rows: list[list[Score]] = [[] for _ in range(table.num_rows)]
    for metric in measured:
        for row, value in zip(rows, table[metric.value].to_pylist(), strict=True):
            if value is not None:
                row.append(Score.model_construct(metric=metric, value=value, higher_is_better=metric.higher_is_better))
    return [tuple(row) for row in rows]


def _costs(table: pa.Table) -> list[Cost | None]:
    columns: Sequence[list[Any]] = [table[name].to_pylist() for name in _COST]
    return [
        None if None in values else Cost.model_construct(**dict(zip(_COST, values, strict=True)))
        for values in zip(*columns, strict=True)
    ]
