"""What is said of an object whose bytes are gone from the object store, and how that is known."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from noria.api import Model, TrainingJob
from noria.api.condition import BYTES_GONE, find_condition
from noria.contract import (
    ExitCode,
    PresenceOrder,
    PresenceReport,
    ProfileReport,
    order_in,
    order_variables,
)
from noria.contract.environment import REPORT_BYTES
from noria.contract.presence import MOST_URIS
from noria.controllers.stored import of_dataset, of_model, of_training_job
from noria.decisions.dataset import decide_dataset
from noria.decisions.seen import JobState, SeenDataset, SeenExit, SeenJob, SeenPod, SeenStored, SeenTrainingJob
from noria.decisions.training_job import decide_training_job
from noria.resources.manifest import manifest
from noria.resources.presence_job import presence_job
from noria.runtime import presence as looks
from noria.runtime.cache import Cache, Key, Record
from noria.runtime.client import Client
from noria.runtime.error import Refused
from noria.runtime.feed import Feed
from noria.runtime.presence import STORED, Looks
from noria.runtime.queue import WorkQueue
from noria_store import presence
from unit.operator.serving import after, best, decide
from unit.operator.world import NOW, SETTINGS, World, begun, dataset, finished, model

GONE = SeenStored(is_there=False, looked_at=NOW + timedelta(hours=1))
THERE = replace(GONE, is_there=True)
BEFORE = SeenStored(is_there=False, looked_at=NOW - timedelta(hours=1))
"""A look that was before the object had written anything."""


def said(found: Any, type: str = "Ready") -> tuple[str, str, str]:
    condition = find_condition(found.status.conditions, type)
    return (condition.status, condition.reason, condition.message) if condition else ("", "", "")


def ready_dataset(**spec: Any) -> World:
    world = World(dataset(**spec))
    world.settle()
    world.ends("p1", ProfileReport(revision="rev1", examples=100, profile_uri="s3://noria/d/rev1/profile.json"))
    world.settle()
    return world


def look_at(world: World, stored: SeenStored | None) -> tuple[str, ...]:
    """The operator's next reconcile; its events."""
    if isinstance(world.object, TrainingJob):
        seen = SeenTrainingJob(dataset=world.dataset, stored=stored)
        decision: Any = decide_training_job(world.object, seen, SETTINGS, NOW + timedelta(hours=2))
    else:
        decision = decide_dataset(world.object, SeenDataset(stored=stored), SETTINGS, NOW + timedelta(hours=2))
    world.object = world.object.model_copy(update={"status": decision.status})
    return tuple(f"{event.type} {event.reason}" for event in decision.events)


@pytest.mark.parametrize("kind", ["Dataset", "TrainingJob"])
@pytest.mark.parametrize("known", [None, THERE, BEFORE])
def test_what_is_there_or_unknown_changes_nothing(kind: str, known: SeenStored | None) -> None:
    world = ready_dataset() if kind == "Dataset" else finished(begun())
    before = said(world.object)
    assert look_at(world, known) == ()
    assert said(world.object) == before
    assert before[0] == "True"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        pytest.param(
            "Dataset",
            (
                "revision rev1 is gone",
                "s3://noria/clothes.zip",
                "kubectl annotate dataset clothes noria.dev/requestedAt",
            ),
            id="a revision",
        ),
        pytest.param(
            "TrainingJob",
            ("the result of run 1, is gone", "kubectl annotate trainingjob clothes noria.dev/requestedAt"),
            id="a result",
        ),
    ],
)
def test_what_is_gone_is_said_once_and_until_it_is_back(kind: str, words: tuple[str, ...]) -> None:
    world = ready_dataset() if kind == "Dataset" else finished(begun())
    before = said(world.object)
    assert look_at(world, GONE) == ("Warning BytesGone",)
    status, reason, message = said(world.object)
    assert (status, reason) == ("False", BYTES_GONE)
    assert said(world.object, "Stalled")[0] == "True"
    assert all(each in message for each in words)
    assert look_at(world, GONE) == ()
    assert look_at(world, None) == (), "an operator that has just started knows nothing yet"
    assert said(world.object) == (status, reason, message)
    look_at(world, THERE)
    assert said(world.object) == before


def test_a_look_that_was_asked_for_makes_a_lost_dataset_ready_again() -> None:
    world = ready_dataset()
    look_at(world, GONE)
    world.change(target="label")
    world.now += timedelta(hours=2)
    world.settle()
    world.ends("p2", ProfileReport(revision="rev1", examples=100, profile_uri="s3://noria/d/rev1/profile.json"))
    world.settle()
    look_at(world, GONE)
    assert said(world.object)[:2] == ("True", "Profiled"), (
        "the look into the bucket was before the revision was written"
    )


def test_a_refused_dataset_keeps_its_refusal() -> None:
    world = ready_dataset()
    world.change(target="label")
    world.settle()
    world.ends("p2", "no such column", 65, reason="Error")
    world.settle()
    before = said(world.object)
    look_at(world, GONE)
    assert said(world.object) == before


@pytest.mark.parametrize(
    ("source", "cure"),
    [
        pytest.param({"trainingJobRef": {"name": "clothes"}}, "train again with TrainingJob clothes", id="a job's"),
        pytest.param(
            {"artifact": {"uri": "s3://noria/1.tar", "digest": f"sha256:{'0' * 64}"}}, "upload it", id="uploaded"
        ),
    ],
)
def test_a_model_names_the_versions_that_are_gone_and_goes_on(source: dict[str, Any], cure: str) -> None:
    found: Model = model(source=source)
    found = after(found, decide(found, training_job=best()))
    lost = after(found, decide(found, training_job=best(), stored={"s3://noria/1.tar": GONE}))
    status, reason, message = said(lost, BYTES_GONE)
    assert (status, reason) == ("True", "NotInObjectStore")
    assert "version 1 (s3://noria/1.tar)" in message
    assert cure in message
    assert said(lost) == said(found)
    unknown = after(lost, decide(lost, training_job=best()))
    assert said(unknown, BYTES_GONE)[0] == "True"
    back = after(unknown, decide(unknown, training_job=best(), stored={"s3://noria/1.tar": THERE}))
    assert said(back, BYTES_GONE) == ("", "", "")


def test_what_is_looked_for_follows_from_the_status() -> None:
    status: dict[str, Any] = {
        "revision": "rev1",
        "profileURI": "s3://noria/datasets/shop/clothes/rev1/profile.json",
        "best": {"artifact": {"uri": "s3://noria/a.tar"}},
        "versions": [{"artifact": {"uri": "s3://noria/a.tar"}}, {"artifact": {"uri": "s3://noria/a.tar"}}, "odd"],
    }
    body = {"metadata": {"namespace": "shop"}, "status": status}
    assert of_dataset(body) == (Key(STORED, "shop", "s3://noria/datasets/shop/clothes/rev1/manifest.json"),)
    assert of_training_job(body) == of_model(body) == (Key(STORED, "shop", "s3://noria/a.tar"),)
    for odd in ({}, {"status": None}, {"status": {"profileURI": 1, "revision": "a", "best": [], "versions": {}}}):
        bare = {"metadata": {"namespace": "shop"}, **odd}
        assert of_dataset(bare) == of_training_job(bare) == of_model(bare) == ()


class PlayedClient:
    """Takes Jobs, whose pods end at once as `message` says."""

    def __init__(self, cache: Cache, message: str = "{}") -> None:
        self.cache, self.message, self.made = cache, message, list[dict[str, Any]]()

    async def create(self, _: object, namespace: str, body: dict[str, Any]) -> dict[str, Any]:
        if namespace == "full":
            raise Refused(403, "Forbidden", "exceeded quota")
        self.made.append(body)
        uid, name = f"uid-{len(self.made)}", f"{body['metadata']['name']}-x"
        ended = SeenPod(name, datetime.now(UTC), exit=SeenExit("presence", 0, message=self.message))
        self.cache.put(
            Record(Key("Pod", namespace, name), uid=name, version=len(self.made), owner_uid=uid, content=ended)
        )
        return {"metadata": {"uid": uid}}


def named(namespace: str, name: str, *uris: str) -> Record:
    keys = tuple(Key(STORED, namespace, uri) for uri in uris)
    return Record(Key("Dataset", namespace, name), uid=name, version=1, references=keys)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> tuple[Looks, Cache, WorkQueue[Key], PlayedClient]:
    """Three objects in two namespaces."""
    monkeypatch.setattr(looks, "POLL_SECONDS", 0.0)
    cache, queue = Cache(), WorkQueue[Key](retry_seconds=1, retry_seconds_max=1)
    client = PlayedClient(cache)
    cache.put(named("shop", "a", "s3://noria/a", "s3://elsewhere/a", "https://example.org/a"))
    cache.put(named("shop", "b", "s3://noria/b"))
    cache.put(named("full", "c", "s3://noria/c"))

    def job(namespace: str, part: str, uris: tuple[str, ...]) -> Any:
        return presence_job(namespace, part, uris, SETTINGS)

    feed = Feed(cache, queue, settle_seconds=0)
    return Looks(cast("Client", client), cache, feed, bucket="noria", job=job), cache, queue, client


async def test_one_pod_a_namespace_looks_and_whom_it_concerns_is_reconciled(
    world: tuple[Looks, Cache, WorkQueue[Key], PlayedClient],
) -> None:
    looking, cache, queue, client = world
    client.message = PresenceReport(absent=(1,)).to_json()
    await looking.look()
    (made,) = client.made
    variables = {one["name"]: one.get("value", "") for one in container(made)["env"]}
    asked = PresenceOrder.model_validate_json(order_in(variables)).uris
    assert asked == ("s3://noria/a", "s3://noria/b"), "only what is in the bucket"
    found = {record.key.name: record.content.is_there for record in cache.of_kind(STORED)}
    assert found == {"s3://noria/a": True, "s3://noria/b": False}
    woken = {(await asyncio.wait_for(queue.get(), 5)).name for _ in range(2)}
    assert woken == {"a", "b"}


async def test_a_pod_that_could_not_ask_says_nothing(
    world: tuple[Looks, Cache, WorkQueue[Key], PlayedClient],
) -> None:
    looking, cache, _, client = world
    client.message = "s3://noria/a cannot be reached"
    await looking.look()
    assert not list(cache.of_kind(STORED))


async def test_a_look_that_is_held_back_is_not_followed_by_more(
    world: tuple[Looks, Cache, WorkQueue[Key], PlayedClient],
) -> None:
    looking, cache, _, client = world
    held = Record(Key("Job", "shop", "noria-presence-1-0"), uid="held", version=1, content=SeenJob("", "held"))
    cache.put(held)
    await looking.look()
    assert not client.made
    cache.put(replace(held, version=2, content=SeenJob("", "held", state=JobState.COMPLETE)))
    await looking.look()
    assert len(client.made) == 1


async def test_each_namespace_has_its_turn_once_an_interval_and_not_all_at_once(
    world: tuple[Looks, Cache, WorkQueue[Key], PlayedClient],
) -> None:
    looking, cache, _, client = world
    for number in range(40):
        cache.put(named(f"team-{number}", "d", "s3://noria/d"))
    most = 0
    for part in range(looks.PARTS):
        before = len(client.made)
        await looking.look(part)
        most = max(most, len(client.made) - before)
    asked = [made["metadata"]["namespace"] for made in client.made]
    assert sorted(asked) == sorted(["shop", *(f"team-{number}" for number in range(40))])
    assert most <= 10
    client.made.clear()
    running = asyncio.create_task(looking.run(seconds=0.05))
    async with asyncio.timeout(30):
        while {made["metadata"]["namespace"] for made in client.made} != set(asked):
            await asyncio.sleep(0.01)
    running.cancel()


async def test_what_no_object_names_is_forgotten(world: tuple[Looks, Cache, WorkQueue[Key], PlayedClient]) -> None:
    looking, cache, _, _ = world
    await looking.look()
    cache.drop(Key("Dataset", "shop", "b"))
    await looking.look()
    assert [record.key.name for record in cache.of_kind(STORED)] == ["s3://noria/a"]


def container(job: dict[str, Any]) -> dict[str, Any]:
    (found,) = job["spec"]["template"]["spec"]["containers"]
    return cast("dict[str, Any]", found)


def test_the_answer_that_all_are_absent_fits_into_a_termination_message() -> None:
    assert len(PresenceReport(absent=tuple(range(MOST_URIS))).to_json().encode()) <= REPORT_BYTES


def ask(folder: Path, *uris: str, **environment: str) -> tuple[int, str]:
    """Exit code and answer of the program."""
    report = folder / "answer"
    order = order_variables(PresenceOrder(uris=uris).to_json())
    code = presence.main({**order, **environment}, report)
    return code, report.read_text() if report.exists() else ""


def test_the_pod_says_what_is_absent(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    code, answer = ask(tmp_path, str(tmp_path / "there"), str(tmp_path / "gone"))
    assert (code, json.loads(answer)) == (0, {"absent": [1]})


def test_an_outage_is_not_taken_for_a_loss(tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    assert ask(tmp_path, "s3://noria/a", **keys) == (ExitCode.UNAVAILABLE, "")


def test_the_job_ends_and_goes_by_itself() -> None:
    job = manifest(presence_job("shop", "3", ("s3://noria/a",), SETTINGS))
    assert job["metadata"]["name"] == "noria-presence-3"
    assert "ownerReferences" not in job["metadata"]
    assert {"activeDeadlineSeconds": 300, "ttlSecondsAfterFinished": 60}.items() <= job["spec"].items()
