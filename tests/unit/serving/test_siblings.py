"""Workers of one server agree on what they serve: all of them or none."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from noria_serving.server.catalog import Catalog, CatalogSettings
from noria_serving.server.core import Core
from noria_serving.server.metrics import Metrics
from noria_serving.server.model import Version
from noria_serving.server.rpc.listener import Listener, worker_endpoints
from noria_serving.server.servable import Servable
from noria_serving.server.status import Code, ServingError, invalid_argument
from noria_serving.server.workers.siblings import Siblings

BASES = {"/one": {1: "/one/1"}, "/broken": {1: "/broken/1"}, "/empty": {}}


class Idle:
    """An engine that nobody runs."""

    def prepare(self, feeds: Any, fetches: Any, milliseconds: int) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        pass


@dataclass
class Worker:
    """One process of a server, in a thread; it loads while `may_load` is set."""

    folder: Path
    number: int
    may_load: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.siblings = Siblings(self.folder, self.number)
        self.catalog = Catalog(self._load, BASES.__getitem__, CatalogSettings(poll=0, retries=0))
        self.core = Core(self.catalog, siblings=self.siblings)
        self._listener = Listener(self.core, worker_endpoints(self.core), threads=2, arguments={})
        self.may_load.set()

    def start(self, config: ModelServerConfig) -> "Worker":
        with self.siblings.joined(config):
            self._listener.bind(f"unix:{self.siblings.own_socket}")
            self._listener.start()
            self.core.follow()
        self.catalog.start()
        return self

    def _load(self, model: str, version: Version) -> Servable:
        if version.path.startswith("/broken"):
            raise invalid_argument("broken")
        self.may_load.wait()
        return Servable(Idle(), {}, Metrics())

    def serves(self, model: str) -> bool:
        return bool(self.catalog.statuses(model)) and not self.catalog.unready([model])

    def stop(self) -> None:
        self.may_load.set()
        self._listener.drain(0)
        self.catalog.stop()


def serving(**bases: str) -> ModelServerConfig:
    models = [{"name": name, "base_path": base, "model_platform": "tensorflow"} for name, base in bases.items()]
    return ModelServerConfig(model_config_list={"config": models})


def wanted() -> bool:
    return True


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[], Worker]]:
    """Starts workers of one server, which serves no model at first."""
    workers: list[Worker] = []

    def one() -> Worker:
        workers.append(Worker(tmp_path, len(workers)).start(serving()))
        return workers[-1]

    yield one
    for worker in workers:
        worker.stop()


def test_a_reload_reaches_all_and_waits_for_all(begin: Callable[[], Worker]) -> None:
    first, second = begin(), begin()
    first.core.reload(serving(m="/one"), wanted)
    assert (first.serves("m"), second.serves("m")) == (True, True)
    third = begin()
    third.catalog.wait_until_settled()
    assert third.serves("m"), "who starts later serves it too"


def test_a_reload_that_a_worker_refuses_reaches_none(begin: Callable[[], Worker]) -> None:
    first, second = begin(), begin()
    second.may_load.clear()
    first.core.configure(serving(m="/one"))
    first.catalog.wait_until_ready(["m"])
    labelled = serving(m="/one", n="/one")
    labelled.model_config_list.config[0].version_labels["stable"] = 1
    with pytest.raises(ServingError) as caught:
        first.core.configure(labelled)
    assert caught.value.code is Code.FAILED_PRECONDITION
    assert "label to version 1 of model m, which is not currently available" in caught.value.message
    for worker in (first, second):
        with pytest.raises(ServingError, match="Unrecognized servable version label: stable"):
            worker.catalog.find("m", label="stable")
        assert not worker.catalog.statuses("n")
    second.may_load.set()
    second.catalog.wait_until_ready(["m"])
    first.core.reload(labelled, wanted)
    assert second.catalog.find("m", label="stable")[0] == 1


def test_a_reload_is_not_ok_before_the_slowest_worker_is_ready(begin: Callable[[], Worker]) -> None:
    first, second = begin(), begin()
    second.may_load.clear()
    asked = iter([True, True, False])
    with pytest.raises(ServingError) as caught:
        first.core.reload(serving(m="/one"), lambda: next(asked))
    assert (caught.value.code, first.serves("m"), second.serves("m")) == (Code.CANCELLED, True, False)


def test_one_worker_reads_the_configuration_file_for_all(begin: Callable[[], Worker]) -> None:
    first, second = begin(), begin()
    assert [worker.siblings.is_poller() for worker in (second, first, second)] == [True, False, True]


def test_waiting_ends_when_nobody_wants_the_model_or_it_cannot_come(begin: Callable[[], Worker]) -> None:
    core = begin().core
    for config, is_wanted, code in (
        (serving(m="/broken"), True, Code.UNKNOWN),
        (serving(m="/broken"), True, Code.UNKNOWN),
        (serving(m="/empty"), False, Code.CANCELLED),
    ):
        with pytest.raises(ServingError) as caught:
            core.reload(config, partial(bool, is_wanted))
        assert caught.value.code is code
    core.configure(serving())
    with pytest.raises(ServingError, match="another configuration without it took the place of this one"):
        core.catalog.wait_until_ready(["m"])
    core.configure(serving(m="/broken", n="/empty"))
    core.catalog.wait_until_settled()
