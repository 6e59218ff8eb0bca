"""The loop under a client that never stops asking: new examples become a version, or not, and people decide otherwise.

NORIA_KILLS says how often the operator is killed in the first round, each time right after an object has changed.
NORIA_BAD_VERSIONS says how many ways of serving badly are tried: refusing requests, being slow.
"""

import csv
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from minio import Minio

from e2e.client import Client, asking
from e2e.objects import BUCKET, model, resource, training_job
from kubectl import Kubectl, KubectlError, condition
from noria.contract import Configuration

pytestmark = pytest.mark.timeout(2400)  # what a test and its fixtures may wait for, one after the other
KILLS = int(os.environ.get("NORIA_KILLS", "1"))
BAD = ("refusing", "slow")[: int(os.environ.get("NORIA_BAD_VERSIONS", "1"))]
NAME, TARGET = "shop", "label"
SOURCE = f"s3://{BUCKET}/sources/{uuid.uuid4().hex[:8]}/{NAME}.csv"
FAST = Configuration(family="tabular-sklearn", parameters={"estimator": "decision-tree", "min_samples_split": 4})
SLOW = Configuration(family="tabular-sklearn", parameters={"estimator": "random-forest", "trees": 300})
PROMOTION = {"watch": {"duration": "60s", "minRequests": 50}}
ONE = {"minReplicas": 1, "maxReplicas": 1}
ASKED_AT_ONCE = 32
Row = tuple[float, float, str, str]
"""Place, label and part."""


def squares(count: int, seed: int, part: str, *, odd: int = 0) -> list[Row]:
    """Places on a board, labelled by the colour of their square; `odd` ones lie beside it."""
    rng = np.random.default_rng(seed)
    across, down = rng.uniform(0, 4, (2, count)).round(3)
    colours = np.where((np.floor(across) + np.floor(down)) % 2 == 1, "dark", "light")
    beside = zip(rng.uniform(5, 6, odd).round(3), rng.uniform(0, 4, odd).round(3), ["odd"] * odd, strict=True)
    placed = [*zip(across, down, colours, strict=True), *beside]
    return [(float(x), float(y), str(label), part) for x, y, label in placed]


HELD_OUT = squares(150, 0, "test")
FEW = [*HELD_OUT, *squares(120, 1, "train")]
MANY = [*FEW, *squares(1200, 2, "train", odd=120), *squares(0, 3, "test", odd=30)]


def mislabelled(rows: list[Row]) -> list[Row]:
    """The rows with the labels of those to train on shuffled."""
    rng = np.random.default_rng(4)
    labels = iter(rng.permutation([label for *_, label, part in rows if part == "train"]))
    return [(x, y, str(next(labels)) if part == "train" else label, part) for x, y, label, part in rows]


class Shop:
    """A Dataset, a TrainingJob that follows it, and a Model, all of one name."""

    def __init__(self, kubectl: Kubectl, environment: dict[str, str], folder: Path) -> None:
        self.kubectl, self._environment, self._folder = kubectl, environment, folder

    def upload(self, rows: list[Row], *, across: str = "across", now: bool = True) -> str:
        """What `noria upload` prints for a file with these rows: the Dataset."""
        path = self._folder / f"{NAME}.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([(across, "down", TARGET, "part"), *rows])
        options = ["--task", "TabularClassification", "--target", TARGET, "--holdout-column", "part", "--name", NAME]
        return self.noria(
            "upload", str(path), SOURCE, "--namespace", self.kubectl.namespace, *options, *["--now"] * now
        )

    def noria(self, *arguments: str) -> str:
        """Standard output of `noria`."""
        command = [str(Path(sys.executable).with_name("noria")), *arguments]
        return subprocess.run(command, env=self._environment, check=True, stdout=subprocess.PIPE, text=True).stdout

    def get(self, kind: str) -> dict[str, Any]:
        """The object of this kind."""
        return self.kubectl.get(resource(kind), NAME)

    def wait(self, until: Callable[[dict[str, Any]], bool], *, timeout: float = 1200) -> dict[str, Any]:
        """The Model's status once `until` holds of it."""
        found = self.kubectl.wait(resource("Model"), NAME, lambda found: until(found["status"]), timeout=timeout)
        return dict(found["status"])

    def judged(self, version: int) -> dict[str, Any]:
        """The verdict on a version."""
        status = self.wait(lambda status: bool(_version(status, version).get("verdict")))
        return dict(_version(status, version)["verdict"])

    def serves(self, version: int) -> dict[str, Any]:
        """The Model's status once this version alone serves."""
        return self.wait(lambda status: status.get("served") == version and _reason(status) == "Serving")

    def annotate(self, user: str, *values: str) -> None:
        """Annotate the Model as this user. Raises KubectlError with what the API server says against it."""
        self.kubectl.run("annotate", resource("Model"), NAME, "--overwrite", *values, f"--as={user}")

    def says(self, reason: str, message: str) -> bool:
        """Whether an event about the Model has this message; events are sent after the status is written."""
        which = f"involvedObject.kind=Model,involvedObject.name={NAME},reason={reason}"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = json.loads(self.kubectl.run("get", "events", f"--field-selector={which}", "-o", "json"))
            if any(each["message"] == message for each in found["items"]):
                return True
            time.sleep(1)
        return False


def _job(configuration: Configuration) -> dict[str, Any]:
    """The TrainingJob, which trains this configuration on each revision."""
    search = {"strategy": "Explicit", "configurations": [configuration.model_dump(mode="json")]}
    retrain = {"onNewRevision": True, "cooldown": "0s", "maxPerDay": 24}
    return training_job(NAME, search=search, retrain=retrain)


def _version(status: dict[str, Any], number: int) -> dict[str, Any]:
    return next((dict(each) for each in status.get("versions", []) if each["version"] == number), {})


def _reason(status: dict[str, Any]) -> str:
    return str(condition({"status": status}, "Ready").get("reason"))


@pytest.fixture(scope="module")
def shop(
    make_namespace: Callable[[], Kubectl], store: Minio, store_environment: dict[str, str], tmp_path_factory: Any
) -> Shop:
    """Everything applied at once, trained on few examples, and serving version 1; three people with their roles."""
    kubectl, folder = make_namespace(), tmp_path_factory.mktemp("shop")
    config = folder / "kubeconfig"
    config.write_text(kubectl.run("config", "view", "--minify", "--raw", "--flatten"))
    made = Shop(kubectl, {**store_environment, "KUBECONFIG": str(config)}, folder)
    kubectl.run("apply", "-f", "-", input=made.upload(FEW, now=False))
    kubectl.apply(_job(FAST), model(NAME, promotion=PROMOTION, scaling=ONE))
    for user, role in (("vera", "view"), ("ed", "edit"), ("amy", "noria-approver")):
        kubectl.run("create", "rolebinding", user, f"--clusterrole={role}", f"--user={user}")
    made.serves(1)
    return made


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[Client]:
    """Asks from here on to the end."""
    instances = [{"across": x, "down": y} for x, y, *_ in FEW[:ASKED_AT_ONCE]]
    with asking(shop.kubectl, NAME, instances) as client:
        yield client


@contextmanager
def killed_operator(noria: Kubectl, shop: Shop, most: int) -> Iterator[list[str]]:
    """Kills every pod of the operator as soon as one of the objects has changed, again and again.

    What had changed before each kill.
    """
    kills: list[str] = []
    is_over = threading.Event()

    def written() -> dict[str, str]:
        kinds = ("Dataset", "TrainingJob", "Model")
        return {kind: shop.get(kind)["metadata"]["resourceVersion"] for kind in kinds}

    def kill() -> None:
        seen = written()
        while not is_over.wait(0.5) and len(kills) < most:
            found = written()
            if found != seen:
                noria.run("delete", "pod", "-l", "app.kubernetes.io/component=operator", "--grace-period=0", "--force")
                kills.append(next(kind for kind in found if found[kind] != seen[kind]))
            seen = found

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield kills
    finally:
        is_over.set()
        thread.join()


def test_an_upload_alone_ends_in_a_better_version(
    shop: Shop, client: Client, noria: Kubectl, figures: list[str]
) -> None:
    began = time.monotonic()
    with killed_operator(noria, shop, KILLS) as kills:
        shop.upload(MANY)
        verdict = shop.judged(2)
        status = shop.serves(2)
    figures.append(f"from upload to served: {time.monotonic() - began:.0f} s, operator killed after {kills}")
    figures.append(f"  {verdict['message']}")
    assert len(kills) >= min(KILLS, 3)
    assert (verdict["result"], verdict["reason"], verdict["by"]) == ("Promoted", "Better", "policy")
    assert "it also knows odd" in verdict["message"]
    assert [each["version"] for each in status["versions"]] == [1, 2]
    run = shop.get("TrainingJob")["status"]["run"]
    assert (run["number"], run["cause"]) == (2, "NewRevision")
    assert client.failed() == {}


def test_what_serves_as_well_is_kept(shop: Shop, client: Client) -> None:
    status = shop.wait(lambda status: status["watch"]["state"] not in ("Starting", "Watching"), timeout=300)
    assert (status["watch"]["version"], status["watch"]["state"]) == (2, "Kept"), status["watch"]
    assert client.failed() == {}


def test_each_role_decides_what_it_may(shop: Shop, client: Client) -> None:
    with pytest.raises(KubectlError, match="cannot patch"):
        shop.annotate("vera", "noria.dev/serve=1", "noria.dev/decided-by=vera")
    with pytest.raises(KubectlError, match="ed may not decide which version is served"):
        shop.annotate("ed", "noria.dev/serve=1", "noria.dev/decided-by=ed")
    with pytest.raises(KubectlError, match="decided-by=amy"):
        shop.annotate("amy", "noria.dev/serve=1", "noria.dev/decided-by=ed")
    shop.annotate("amy", "noria.dev/serve=1", "noria.dev/decided-by=amy")
    pinned = condition({"status": shop.serves(1)}, "Pinned")
    assert (pinned["status"], "chosen by amy" in pinned["message"]) == ("True", True)
    shop.annotate("amy", "noria.dev/serve-", "noria.dev/decided-by=amy")
    assert condition({"status": shop.serves(2)}, "Pinned") == {}
    assert client.failed() == {}


def test_a_worse_version_is_rejected_and_anyone_can_see_why(shop: Shop, client: Client, figures: list[str]) -> None:
    shop.upload(mislabelled(MANY))
    verdict = shop.judged(3)
    figures.append(f"  {verdict['message']}")
    assert (verdict["result"], verdict["reason"]) == ("Rejected", "Worse")
    assert float(verdict["interval"][1]) < 0
    assert "noria.dev/promote=3" in verdict["message"]
    assert shop.says("Rejected", verdict["message"])
    told = shop.noria("why", verdict["reportURI"])
    assert "the same, Rejected (Worse)" in told
    assert shop.get("Model")["status"]["served"] == 2
    assert client.failed() == {}


@pytest.mark.parametrize("how", BAD)
def test_a_version_that_serves_badly_is_rolled_back(shop: Shop, client: Client, figures: list[str], how: str) -> None:
    failed = client.failed()
    number = shop.get("Model")["status"]["versions"][-1]["version"] + 1
    promoted = _promoted_badly(shop, number, how)
    status = shop.wait(lambda status: _version(status, number)["verdict"]["reason"] == "RolledBack")
    verdict, breached = _version(status, number)["verdict"], time.monotonic()
    shop.serves(2)
    back = time.monotonic() - breached
    figures.append(f"{how}: breached after {breached - promoted:.0f} s, back {back:.0f} s later; {verdict['message']}")
    assert (verdict["result"], back < 60) == ("Rejected", True)
    assert shop.says("RolledBack", verdict["message"])
    client.wait_for_answers(50)
    more = {outcome for outcome, count in client.failed().items() if count > failed.get(outcome, 0)}
    assert more == ({"HTTP 400"} if how == "refusing" else set()), "only what it refused itself"
    failed = client.failed()
    client.wait_for_answers(50)
    assert client.failed() == failed


def _promoted_badly(shop: Shop, number: int, how: str) -> float:
    """Promote a version that serves badly, and when that was.

    One of other columns needs an approver, and refuses the requests for the old ones; policy Always asks for nothing.
    """
    if how == "refusing":
        shop.upload(MANY, across="column")
        status = shop.wait(lambda status: status.get("candidate", {}).get("reason") == "ApprovalWanted")
        assert "it does not take column across" in status["candidate"]["message"]
        with pytest.raises(KubectlError, match="may not decide"):
            shop.annotate("ed", f"noria.dev/promote={number}", "noria.dev/decided-by=ed")
        shop.annotate("amy", f"noria.dev/promote={number}", "noria.dev/decided-by=amy")
        assert shop.judged(number)["by"] == "amy"
    else:
        before = shop.get("Dataset")["status"]["revision"]
        shop.upload([*MANY, *squares(10, 5, "train")])
        shop.kubectl.wait(resource("Dataset"), NAME, lambda found: found["status"]["revision"] != before, timeout=300)
        shop.kubectl.apply(_job(SLOW), model(NAME, promotion={**PROMOTION, "policy": "Always"}, scaling=ONE))
        assert shop.judged(number)["reason"] == "PolicyAlways"
    return time.monotonic()
