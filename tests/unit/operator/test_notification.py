"""Notifications: each is sent once by a Job of its own, holds nothing up, and is counted when it is lost."""

from typing import Any

import pytest

from noria.contract import (
    ORDER,
    ORDER_VARIABLE,
    NotificationType,
    NotifyOrder,
    NotifyReport,
    Problem,
    ProfileReport,
    Severity,
)
from noria.contract.report import FailureReport
from noria.decision import Decision
from noria.decisions.notification import MOST_JOBS, Sender, notified
from noria.resources.manifest import manifest
from unit.operator.promotion import (
    BETTER,
    BREACHED,
    OPEN,
    OTHER,
    WORSE,
    begin_watch,
    end_watch,
    part,
    proven,
    retrained,
    world_of,
)
from unit.operator.world import NOW, SETTINGS, Crash, World, dataset

NOTIFY = {"url": "https://example.org/hook?a=b", "secretRef": {"name": "hook"}}
SENT = NotifyReport(attempts=1)


def refusal(words: str = "class dog has 3 examples") -> ProfileReport:
    """What a profile reports of data that cannot be trained on."""
    return ProfileReport(problems=(Problem(reason="TooFew", severity=Severity.ERROR, message=words),))


def refused(**spec: Any) -> World:
    """A Dataset that was refused, and whose server is about to hear of it."""
    world = World(dataset(**{"notify": NOTIFY, **spec}))
    world.settle()
    world.ends("p1", refusal())
    world.settle()
    return world


def notifying(world: World) -> list[str]:
    """The parts of the names of the Jobs that notify."""
    return [part for part in world.parts if part.startswith("notify-")]


def order_of(world: World) -> Any:
    """The order of the one Job that notifies."""
    (part,) = notifying(world)
    (container,) = world.jobs[world.job(part)]["spec"]["template"]["spec"]["containers"]
    (text,) = [each["value"] for each in container["env"] if each["name"] == ORDER_VARIABLE]
    return ORDER.validate_json(text.replace("$$", "$"))


def test_a_refusal_is_told_once() -> None:
    world = refused()
    order = order_of(world)
    assert isinstance(order, NotifyOrder)
    assert order.url == NOTIFY["url"]
    told = order.notification
    assert (told.type, told.source) == ("dev.noria.dataset.refused", "/namespaces/shop/datasets/clothes")
    assert (told.data.reason, told.data.message) == ("Refused", "class dog has 3 examples")
    assert [each.id for each in world.object.status.notifications] == [told.id]
    (part,) = notifying(world)
    world.ends(part, SENT)
    world.settle()
    assert (notifying(world), world.object.status.notifications) == ([], ())
    world.after(3600)
    world.ends("p2", refusal())
    world.settle()
    assert notifying(world) == []
    world.after(3600)
    world.ends("p3", refusal("class cat has 2 examples"))
    world.settle()
    assert order_of(world).notification.id != told.id
    assert not [event for event in world.events if "NotificationLost" in event]


def test_the_key_is_read_by_the_pod_alone() -> None:
    world = refused()
    (part,) = notifying(world)
    (container,) = world.jobs[world.job(part)]["spec"]["template"]["spec"]["containers"]
    (key,) = [each for each in container["env"] if each["name"] == "NORIA_SIGNING_KEY"]
    assert key["valueFrom"]["secretKeyRef"] == {"name": "hook", "key": "signingKey"}


def test_without_a_server_nothing_is_told() -> None:
    world = refused(notify=None)
    assert (notifying(world), world.object.status.notifications) == ([], ())


def test_a_server_named_later_hears_of_what_happens_then() -> None:
    world = refused(notify=None)
    world.change(notify=NOTIFY)
    world.settle()
    assert (world.parts, notifying(world)) == (["p1"], []), "whom to notify is no reason to profile again"
    world.after(3600)
    world.ends("p2", refusal("another word"))
    world.settle()
    assert len(notifying(world)) == 1


def test_a_server_that_is_named_no_more_hears_nothing() -> None:
    world = refused()
    world.change(notify=None)
    world.settle()
    assert (notifying(world), world.object.status.notifications) == ([], ())
    assert "Warning NotificationLost" not in world.events


def test_a_notification_goes_on_while_the_source_is_profiled_again() -> None:
    world = refused()
    world.change(target="label")
    world.settle()
    assert len(notifying(world)) == 1
    assert "p2" in world.parts
    world.ends("p2", ProfileReport(revision="r", examples=100))
    world.settle()
    assert (len(notifying(world)), world.reason) == (1, "Profiled")


@pytest.mark.parametrize(
    ("report", "code"),
    [
        pytest.param(FailureReport(reason="ReceiverRefused", message="HTTP 410"), 77, id="the server wants none"),
        pytest.param(FailureReport(reason="ReceiverUnavailable", message="HTTP 503"), 69, id="retries are used up"),
        pytest.param(ProfileReport(), 0, id="an image of another version"),
        pytest.param("", 1, id="it crashes"),
    ],
)
def test_what_is_lost_is_said_and_holds_nothing_up(report: Any, code: int) -> None:
    world = refused()
    (part,) = notifying(world)
    world.ends(part, report, code)
    world.settle()
    assert world.events.count("Warning NotificationLost") == 1
    assert (notifying(world), world.object.status.notifications, world.reason) == ([], (), "Refused")


def test_a_pod_that_never_starts_is_given_up_after_an_hour() -> None:
    world = refused()
    (part,) = notifying(world)
    stuck = {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "hook" not found'}}
    world.pod(part, phase="Pending", containerStatuses=[{"name": "notify", "state": stuck}])
    world.after(3500)
    assert part in notifying(world)
    decisions = []
    world.now = world.now.replace(hour=13, minute=5)
    decisions.append(world.decide())
    (event,) = [each for each in decisions[0].events if each.reason == "NotificationLost"]
    assert 'secret "hook" not found' in event.message
    world.settle()
    assert part not in notifying(world)


def test_few_are_sent_at_a_time_and_few_are_kept() -> None:
    found = dataset(notify=NOTIFY)

    def sender() -> Sender:
        return Sender(found, (), (), refusals={}, rejections={}, settings=SETTINGS, now=NOW)

    happened = [
        sender().notification(NotificationType.REFUSED, reason="Refused", message=str(n), key=str(n)) for n in range(12)
    ]
    decision = notified(Decision(found.status), happened, sender())
    assert [each.message for each in decision.status.notifications] == [str(n) for n in range(10)]
    assert len(decision.create) == MOST_JOBS == len({manifest(job)["metadata"]["name"] for job in decision.create})
    assert [event.reason for event in decision.events] == ["NotificationLost"] * 2
    again = notified(Decision(decision.status), happened[:10], sender())
    assert (again.status, again.events) == (decision.status, ()), "the same is not told twice"


def test_a_death_after_any_write_tells_nothing_twice_and_loses_nothing() -> None:
    for writes in range(12):
        world = World(dataset(notify=NOTIFY), writes_until_crash=writes)
        for report in (refusal(), SENT):
            for _ in range(2):
                try:
                    world.settle()
                    break
                except Crash:
                    world.writes_until_crash = None
            (part,) = [part for part in world.parts if "status" not in world.jobs[world.job(part)]]
            world.ends(part, report)
        try:
            world.settle()
        except Crash:
            world.writes_until_crash = None
            world.settle()
        made = [name for name in world.created if "-notify-" in name]
        assert (len(made), world.object.status.notifications, notifying(world)) == (1, (), [])


def told(world: World) -> list[str]:
    """The types of what a Model has yet to tell, with their versions."""
    return [f"{each.type.rpartition('.')[2]} {each.version}" for each in world.object.status.notifications]


@pytest.mark.parametrize(
    ("promotion", "found", "expected"),
    [
        pytest.param({}, BETTER, "promoted 2", id="promoted"),
        pytest.param({}, WORSE, "rejected 2", id="rejected"),
        pytest.param({}, OPEN, "inconclusive 2", id="a person has to decide since the examples do not"),
        pytest.param({}, OTHER, "approvalwanted 2", id="a person has to decide since the two differ"),
        pytest.param({"policy": "Approve"}, BETTER, "approvalwanted 2", id="a person has to decide by policy"),
    ],
)
def test_what_becomes_of_a_candidate_is_told(promotion: dict[str, Any], found: Any, expected: str) -> None:
    world = world_of(**promotion)
    world.change(notify=NOTIFY)
    proven(retrained(world, 2), 2, found)
    assert told(world) == [expected]
    assert world.object.status.notifications[0].message


def test_a_candidate_that_gives_way_is_not_told_and_the_newer_one_is() -> None:
    world = world_of()
    world.change(notify=NOTIFY)
    proven(retrained(retrained(world, 2), 3), 3, OPEN)
    assert told(world) == ["inconclusive 3"]


def test_a_comparison_that_fails_for_good_and_a_rollback_are_told() -> None:
    world = world_of(watch={"duration": "30m"})
    world.change(notify=NOTIFY)
    proven(retrained(world, 2), 2, BETTER)
    begin_watch(world)
    world.settle()
    end_watch(world, BREACHED)
    world.settle()
    retrained(world, 3)
    world.ends(part(world, 3), FailureReport(reason="NotFound", message="model.tar is gone"), 65)
    world.settle()
    assert told(world) == ["promoted 2", "rolledback 2", "inconclusive 3"]
