"""A served model, asked synchronously."""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from noria_client import plan, result
from noria_client.answer import Answer, answer, joined
from noria_client.connection import connected
from noria_client.describe import described
from noria_client.error import RefusedError
from noria_client.given import Frame, Given, Many, One, given
from noria_client.metadata import Metadata, VersionState
from noria_client.plan import Batch
from noria_client.question import Question, question
from noria_client.request import Item, Request
from noria_client.result import Prediction
from noria_client.retry import TransientError
from noria_client.run import inputs_of, signature_of
from noria_client.settings import Options, Settings

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int, int | None], None]
"""Is told how many examples are answered, of how many, none where that is not known."""
In = TypeVar("In")
Out = TypeVar("Out")


class Model:
    """A model behind an address, such as `http://flowers.shop:8501` or `grpc://flowers.shop:8500`.

    The address may go on with `/v1/models/NAME`, and with `/versions/N` or `/labels/LABEL`; otherwise the model has the
    name of the host, as Services of Models do. Threads may share one.
    """

    def __init__(self, url: str, **options: Unpack[Options]) -> None:
        self._settings = Settings(**options)
        self._address, self._protocol, self._channel = connected(url, self._settings)
        self._metadata: Metadata | None = None

    @overload
    def predict(self, examples: Frame, *, progress: Progress | None = None) -> "pd.Series[Any]": ...  # type: ignore[overload-overlap]  # a frame is iterable: the first that fits counts
    @overload
    def predict(self, examples: One, *, progress: Progress | None = None) -> Any: ...
    @overload
    def predict(self, examples: Many, *, progress: Progress | None = None) -> NDArray[Any]: ...
    def predict(self, examples: Any, *, progress: Progress | None = None) -> Any:
        """The class, the number or the probability of a click of one example or of each of several.

        One is answered by one value, several by an array [n], a pandas object by a Series of its index. Raises
        ClientError.
        """
        return result.predicted(*self._answered(examples, progress))

    @overload
    def predict_proba(self, examples: Frame, *, progress: Progress | None = None) -> "pd.DataFrame": ...  # type: ignore[overload-overlap]  # a frame is iterable: the first that fits counts
    @overload
    def predict_proba(self, examples: One, *, progress: Progress | None = None) -> dict[str, float]: ...
    @overload
    def predict_proba(self, examples: Many, *, progress: Progress | None = None) -> NDArray[np.float64]: ...
    def predict_proba(self, examples: Any, *, progress: Progress | None = None) -> Any:
        """The scores of all classes of one example or of each of several.

        One is answered by a dict, several by an array [n, classes] in the order of `classes`, a pandas object by a
        DataFrame with a column for each class. Raises ClientError.
        """
        return result.probabilities(*self._answered(examples, progress))

    def stream(self, examples: Iterable[Any], *, progress: Progress | None = None) -> Generator[Prediction, None, None]:
        """A Prediction for each example, in order, while further ones are read: for more than memory holds.

        Raises ClientError, whose `examples` are the places that are not answered.
        """
        asked = self._question()
        for each in self._answers(asked, given(examples, asked), progress):
            yield from result.each(each)

    def run(self, inputs: Mapping[str, ArrayLike], *, signature: str | None = None) -> dict[str, NDArray[Any]]:
        """All outputs of a signature for whole inputs, in one request: for models that are none of examples.

        Raises ClientError.
        """
        asked = signature_of(self.metadata(), signature or self._settings.signature)
        request = self._protocol.run(asked, inputs_of(asked, inputs))
        return dict(self._protocol.read_run(asked, self._send(request)))

    def metadata(self) -> Metadata:
        """What the served version says of itself; asked once. Raises ClientError."""
        if self._metadata is None:
            self._metadata = self._protocol.read_metadata(self._send(self._protocol.metadata()))
        return self._metadata

    def describe(self) -> str:
        """What the model takes and answers, in words. Raises ClientError."""
        return described(self.metadata(), self._question())

    def versions(self) -> tuple[VersionState, ...]:
        """The versions that the server knows, and their states. Raises ClientError."""
        return self._protocol.read_versions(self._send(self._protocol.versions()))

    def close(self) -> None:
        """Close the connections."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Model({str(self._address)!r})"

    def _question(self) -> Question:
        return question(self.metadata(), self._settings.signature)

    def _answered(self, examples: Any, progress: Progress | None) -> tuple[Given, Answer]:
        asked = self._question()
        found = given(examples, asked)
        return found, joined(list(self._answers(asked, found, progress)))

    def _answers(self, asked: Question, examples: Given, progress: Progress | None) -> Iterator[Answer]:
        items = (self._protocol.item(asked, each) for each in plan.examples(asked, examples.examples))
        batches = plan.batches(items, most=self._settings.batch_rows, size=self._settings.batch_bytes)
        done = 0
        for found in _in_order(lambda batch: self._ask(asked, batch, examples.count), batches, self._settings.parallel):
            done += len(found)
            if progress:
                progress(done, examples.count)
            yield found

    def _ask(self, asked: Question, batch: Batch[Item], count: int | None) -> Answer:
        with batch.located(count):
            reply = self._send(self._protocol.ask(asked, batch.items))
            return answer(asked, self._protocol.read(asked, reply), len(batch.items))

    def _send(self, request: Request) -> bytes:
        failures = 0
        while True:
            try:
                return self._channel.send(request)
            except RefusedError:
                self._metadata = None  # another version may be served since it was read
                raise
            except TransientError as failure:
                failures += 1
                time.sleep(self._settings.attempts.pause(failures, failure))


def _in_order(ask: Callable[[In], Out], asked: Iterable[In], parallel: int) -> Iterator[Out]:
    """What is answered, in order, to so many at the same time; what is asked is read no further ahead than that."""
    if parallel == 1:
        yield from map(ask, asked)
        return
    pool, running = ThreadPoolExecutor(parallel), deque[Future[Out]]()
    try:
        for each in asked:
            running.append(pool.submit(ask, each))
            if len(running) == parallel:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
