"""A served model, asked without blocking."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from noria_client import plan, result
from noria_client.answer import Answer, answer, joined
from noria_client.connection import async_connected
from noria_client.describe import described
from noria_client.error import RefusedError
from noria_client.given import Frame, Given, Many, One, given
from noria_client.metadata import Metadata, VersionState
from noria_client.model import Progress
from noria_client.plan import Batch
from noria_client.question import Question, question
from noria_client.request import Item, Request
from noria_client.result import Prediction
from noria_client.retry import TransientError
from noria_client.run import inputs_of, signature_of
from noria_client.settings import Options, Settings

if TYPE_CHECKING:
    import pandas as pd

Out = TypeVar("Out")


class AsyncModel:
    """What `Model` is, with methods to await. It belongs to one event loop."""

    def __init__(self, url: str, **options: Unpack[Options]) -> None:
        self._settings = Settings(**options)
        self._address, self._protocol, self._channel = async_connected(url, self._settings)
        self._metadata: Metadata | None = None

    @overload
    async def predict(self, examples: Frame, *, progress: Progress | None = None) -> "pd.Series[Any]": ...  # type: ignore[overload-overlap]  # a frame is iterable: the first that fits counts
    @overload
    async def predict(self, examples: One, *, progress: Progress | None = None) -> Any: ...
    @overload
    async def predict(self, examples: Many, *, progress: Progress | None = None) -> NDArray[Any]: ...
    async def predict(self, examples: Any, *, progress: Progress | None = None) -> Any:
        """The class, the number or the probability of a click of one example or of each of several.

        One is answered by one value, several by an array [n], a pandas object by a Series of its index. Raises
        ClientError.
        """
        return result.predicted(*await self._answered(examples, progress))

    @overload
    async def predict_proba(self, examples: Frame, *, progress: Progress | None = None) -> "pd.DataFrame": ...  # type: ignore[overload-overlap]  # a frame is iterable: the first that fits counts
    @overload
    async def predict_proba(self, examples: One, *, progress: Progress | None = None) -> dict[str, float]: ...
    @overload
    async def predict_proba(self, examples: Many, *, progress: Progress | None = None) -> NDArray[np.float64]: ...
    async def predict_proba(self, examples: Any, *, progress: Progress | None = None) -> Any:
        """The scores of all classes of one example or of each of several.

        One is answered by a dict, several by an array [n, classes] in the order of `classes`, a pandas object by a
        DataFrame with a column for each class. Raises ClientError.
        """
        return result.probabilities(*await self._answered(examples, progress))

    async def stream(
        self, examples: Iterable[Any], *, progress: Progress | None = None
    ) -> AsyncGenerator[Prediction, None]:
        """A Prediction for each example, in order, while further ones are read: for more than memory holds.

        Raises ClientError, whose `examples` are the places that are not answered.
        """
        asked = await self._question()
        async for each in self._answers(asked, given(examples, asked), progress):
            for prediction in result.each(each):
                yield prediction

    async def run(self, inputs: Mapping[str, ArrayLike], *, signature: str | None = None) -> dict[str, NDArray[Any]]:
        """All outputs of a signature for whole inputs, in one request: for models that are none of examples.

        Raises ClientError.
        """
        asked = signature_of(await self.metadata(), signature or self._settings.signature)
        request = self._protocol.run(asked, inputs_of(asked, inputs))
        return dict(self._protocol.read_run(asked, await self._send(request)))

    async def metadata(self) -> Metadata:
        """What the served version says of itself; asked once. Raises ClientError."""
        if self._metadata is None:
            self._metadata = self._protocol.read_metadata(await self._send(self._protocol.metadata()))
        return self._metadata

    async def describe(self) -> str:
        """What the model takes and answers, in words. Raises ClientError."""
        return described(await self.metadata(), await self._question())

    async def versions(self) -> tuple[VersionState, ...]:
        """The versions that the server knows, and their states. Raises ClientError."""
        return self._protocol.read_versions(await self._send(self._protocol.versions()))

    async def close(self) -> None:
        """Close the connections."""
        await self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncModel({str(self._address)!r})"

    async def _question(self) -> Question:
        return question(await self.metadata(), self._settings.signature)

    async def _answered(self, examples: Any, progress: Progress | None) -> tuple[Given, Answer]:
        asked = await self._question()
        found = given(examples, asked)
        return found, joined([each async for each in self._answers(asked, found, progress)])

    async def _answers(self, asked: Question, examples: Given, progress: Progress | None) -> AsyncIterator[Answer]:
        items = (self._protocol.item(asked, each) for each in plan.examples(asked, examples.examples))
        batches = plan.batches(items, most=self._settings.batch_rows, size=self._settings.batch_bytes)
        done = 0
        asking = (self._ask(asked, batch, examples.count) for batch in batches)
        async for found in _in_order(asking, self._settings.parallel):
            done += len(found)
            if progress:
                progress(done, examples.count)
            yield found

    async def _ask(self, asked: Question, batch: Batch[Item], count: int | None) -> Answer:
        with batch.located(count):
            reply = await self._send(self._protocol.ask(asked, batch.items))
            return answer(asked, self._protocol.read(asked, reply), len(batch.items))

    async def _send(self, request: Request) -> bytes:
        failures = 0
        while True:
            try:
                return await self._channel.send(request)
            except RefusedError:
                self._metadata = None  # another version may be served since it was read
                raise
            except TransientError as failure:
                failures += 1
                await asyncio.sleep(self._settings.attempts.pause(failures, failure))


async def _in_order(asking: Iterable[Coroutine[Any, Any, Out]], parallel: int) -> AsyncIterator[Out]:
    """What is answered, in order, to so many at the same time; what is asked is read no further ahead than that."""
    running = deque[asyncio.Task[Out]]()
    try:
        for each in asking:
            running.append(asyncio.create_task(each))
            if len(running) == parallel:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
