"""Commands about the objects of a namespace: what they print, what they change, and how they exit."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from fake_api import FakeApi, fake_api
from noria.api.training_job import TrialStatus
from noria.contract import ExitCode, Metric, Policy, ProveReport, Task
from noria.contract.place import Places
from noria_cli.__main__ import main
from noria_cli.row import seconds_left
from noria_store.store import Store
from noria_trainers.proof import kept
from noria_trainers.proof.judge import Case
from noria_trainers.proof.kept import Compared, Cost, Proof
from unit.cli import golden, shop
from unit.cli.shop import OURS, condition

MODEL, JOB = f"{OURS}/models/clothes", f"{OURS}/trainingjobs/clothes"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    """A cluster with a namespace `shop`."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    with fake_api() as running:
        monkeypatch.setenv("KUBECONFIG", str(running.kubeconfig(tmp_path)))
        yield running


@pytest.fixture
def filled(api: FakeApi) -> FakeApi:
    """The same with its objects, and no bucket."""
    shop.fill(api)
    return api


@pytest.fixture
def kept_store(api: FakeApi, tmp_path: Path) -> tuple[str, Store]:
    """Its objects; where their runs are, in a folder in place of a bucket, and a way to it."""
    shop.keep(api, {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"})
    shop.fill(api, f"{tmp_path}/bucket")
    return f"{tmp_path}/bucket/runs/shop/clothes/uid-clothes", Store.from_environment(environment={})


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; exit code, standard output and error."""

    def act(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments])
        return code, *capsys.readouterr()

    return act


@pytest.mark.parametrize(
    ("name", "command", "code"),
    [
        ("status", ("status",), 1),
        ("status-all", ("status", "-A"), 1),
        ("status-dataset", ("status", "dataset/clothes"), 0),
        ("status-trainingjob", ("status", "tj/clothes"), 1),
        ("status-model", ("status", "models/clothes"), 0),
        ("why-dataset", ("why", "dataset/clothes"), 0),
        ("why-trainingjob", ("why", "trainingjob/clothes"), 0),
        ("why-model", ("why", "model/clothes"), 0),
        ("why-version", ("why", "model/clothes", "--version", "2"), 0),
    ],
)
def test_what_is_told_of_objects(filled: FakeApi, run: Run, name: str, command: tuple[str, ...], code: int) -> None:
    found = run(*command)
    assert (found[0], found[2]) == (code, "")
    golden.check(name, found[1])


def test_status_for_programs(filled: FakeApi, run: Run) -> None:
    _, text, _ = run("status", "--output", "json")
    items = {each["kind"]: each for each in json.loads(text)["items"]}
    assert (items["Model"]["ready"], items["Model"]["result"]) == ("True", "version 2 on 1 replica")
    assert items["TrainingJob"]["eta"] == 45.0
    _, text, _ = run("status", "model/clothes", "--output", "yaml")
    assert yaml.safe_load(text)["status"]["served"] == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"conditions": []}, ("Unknown", "NotSeen")),
        ({"observedGeneration": 0}, ("Unknown", "NotSeen")),
    ],
)
def test_a_status_of_an_earlier_spec_is_not_believed(
    filled: FakeApi, run: Run, changes: dict[str, Any], words: tuple[str, ...]
) -> None:
    filled.objects[MODEL]["status"] |= changes
    code, text, _ = run("status", "model/clothes", "--output", "json")
    assert (code, json.loads(text)["ready"], json.loads(text)["reason"]) == (1, *words)


def test_status_goes_on_until_nothing_more_happens(filled: FakeApi, run: Run) -> None:
    answers = iter(("Training", "etcd is slow", "Succeeded"))

    def end(path: str) -> None:
        filled.refuses.clear()
        reason = next(answers)
        if reason == "etcd is slow":
            filled.refuses[path] = (503, reason)
        status = "True" if reason == "Succeeded" else "False"
        filled.objects[JOB]["status"]["conditions"] = [condition("Ready", status, reason, "")]

    filled.before[JOB] = end
    code, text, _ = run("status", "trainingjob/clothes", "--watch")
    assert code == 0
    assert text.splitlines() == [
        "trainingjob/clothes  not ready  Training  2/4 trials  about 45s left  Accuracy 0.8800",
        "trainingjob/clothes  ready  Succeeded  2/4 trials  about 45s left  Accuracy 0.8800",
    ]


def test_status_stops_waiting(filled: FakeApi, run: Run) -> None:
    assert run("status", "--watch", "--output", "json")[0] == ExitCode.BAD_ORDER
    code, _, told = run("status", "trainingjob/clothes", "--watch", "--timeout", "0s")
    assert code == ExitCode.TRY_AGAIN
    assert told == "TimedOut: after 0s there is still work on trainingjob/clothes: watch longer, or see `noria why`\n"


def test_an_object_that_is_not_there_is_told(filled: FakeApi, run: Run) -> None:
    code, _, told = run("status", "model/shoes")
    assert (code, told.splitlines()) == (
        ExitCode.BAD_DATA,
        [
            "NotFound: there is no Model shoes in namespace shop: `noria status` lists those there are; "
            "--namespace names another namespace"
        ],
    )
    with pytest.raises(SystemExit) as ended:
        run("status", "shoe/clothes")
    assert ended.value.code == 2


def test_seconds_left() -> None:
    trials = shop.training_job("s3://b")["status"]["trials"]
    parsed = [TrialStatus.model_validate(each) for each in trials]
    assert seconds_left(parsed, 2) == 45.0
    assert seconds_left(parsed[1:], 2) is None
    assert seconds_left(parsed[:2], 2) == 0.0


def test_logs_are_those_of_pods_and_of_the_bucket(api: FakeApi, kept_store: tuple[str, Store], run: Run) -> None:
    runs, store = kept_store
    store.write(f"{runs}/2/t1/log.txt", b"epoch 1\ntrained\n")
    store.write(f"{runs}/2/t2/log.txt", b"epoch 1\nkilled \x1b[31m\n")
    metadata = {"name": "t3", "creationTimestamp": shop.SINCE}
    pod = {"metadata": metadata, "status": {"phase": "Running"}}
    api.add("/api/v1/namespaces/shop/pods/t3", pod)
    api.objects["/api/v1/namespaces/shop/pods/t3/log"] = {"epoch": 3}
    code, text, _ = run("logs", "clothes")
    golden.check("logs", text)
    assert code == 0
    code, text, _ = run("logs", "clothes", "--trial", "2", "--tail", "1")
    assert (code, text) == (0, "==> t2, Failed: OutOfMemory <==\nkilled \\x1b[31m\n")
    code, text, _ = run("logs", "clothes", "--trial", "t4")
    assert (code, text) == (
        1,
        "==> t4, Pending <==\nno log: it has not begun, or was killed before it could keep one\n",
    )
    assert "known are t1, t2, t3, t4" in run("logs", "clothes", "--trial", "9")[2]


def test_logs_of_steps(api: FakeApi, kept_store: tuple[str, Store], run: Run) -> None:
    runs, store = kept_store
    api.add("/api/v1/namespaces/shop/pods/none", {"metadata": {"name": "none"}, "status": {"phase": "Pending"}})
    store.write(f"{runs}/2/choose-log.txt", b"failed\n")
    store.write(f"{runs}/2/choose-1-log.txt", b"chosen\n")
    store.write(f"{runs}/2/best/log-1.txt", b"the second try\n")
    store.write(f"{runs}/2/best/log.txt", b"the first try\n")
    profiles = Places(runs.partition("/runs/")[0]).dataset("shop", "clothes")
    store.write(f"{profiles}profiles/uid-clothes/1-log.txt", b"profiled\n")
    api.objects[f"{OURS}/datasets/clothes"]["status"]["profileURI"] = f"{profiles}{shop.REVISION}/profile.json"
    assert run("logs", "clothes", "--step", "choose")[1] == "==> choose <==\nchosen\n"
    assert run("logs", "clothes", "--step", "conclude")[1] == "==> conclude <==\nthe second try\n"
    assert run("logs", "dataset/clothes")[1] == "==> profile 1 <==\nprofiled\n"


def test_a_card_is_printed_written_and_opened(
    kept_store: tuple[str, Store], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, store = kept_store
    store.write(f"{runs}/2/best/card.md", b"# clothes\n")
    store.write(f"{runs}/2/best/curves.png", b"PNG")
    store.write(f"{runs}/2/best/model.tar", shop.archive())
    assert run("card", "clothes")[1] == "# clothes\n"
    assert run("card", "clothes", "--out", "cards")[0] == 0
    assert sorted(path.name for path in Path("cards").iterdir()) == ["card.md", "curves.png"]
    shown = tmp_path / "shown"
    (tmp_path / "browse").write_text(f'#!/bin/sh\necho "$1" > {shown}\n')
    (tmp_path / "browse").chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{tmp_path}/browse %s")
    code, text, _ = run("card", "clothes", "--open")
    assert (code, shown.read_text().strip()) == (0, f"file://{text.strip()}")
    assert text.strip().endswith("/card.md")
    store.write(f"{runs}/2/best/card.html", b"<!doctype html>")
    _, text, _ = run("card", "clothes", "--open")
    page = Path(text.strip())
    assert (page.name, page.read_text(), shown.read_text().strip()) == ("card.html", "<!doctype html>", page.as_uri())
    assert (page.parent / "card.md").read_text() == "# clothes\n"
    assert run("card", "clothes")[1] == "# clothes\n"
    code, _, told = run("card", "trainingjob/clothes")
    assert (code, "does not exist" in told) == (ExitCode.BAD_DATA, True)


def test_a_download_is_verified_and_never_replaces(kept_store: tuple[str, Store], run: Run) -> None:
    runs, store = kept_store
    store.write(f"{runs}/2/best/model.tar", shop.archive())
    code, text, _ = run("download", "clothes")
    assert (code, text.startswith("clothes/2: version 2, sha256:")) == (0, True)
    assert Path("clothes/2/saved_model.pb").read_bytes() == b"a graph"
    code, _, told = run("download", "clothes")
    assert (code, told) == (
        ExitCode.BAD_ORDER,
        "Exists: clothes/2 exists: delete it, or name another folder with --out\n",
    )
    store.write(f"{runs}/1/best/model.tar", b"other")
    code, _, told = run("download", "clothes", "--version", "1", "--archive")
    assert (code, "DigestMismatch" in told, Path("clothes/1/model.tar").exists()) == (ExitCode.BAD_DATA, True, False)
    assert "known are 1, 2, 3" in run("download", "clothes", "--version", "7")[2]


def test_a_job_is_asked_to_train_again(filled: FakeApi, run: Run) -> None:
    code, text, _ = run("retrain", "clothes")
    assert code == 0
    assert (
        text == "asked trainingjob/clothes to train again: follow it with `noria status trainingjob/clothes --watch`\n"
    )
    assert list(filled.objects[JOB]["metadata"]["annotations"]) == ["noria.dev/requestedAt"]


def obey(refused: str = "") -> Callable[[str, dict[str, Any]], None]:
    """What the operator does about decisions."""

    def act(_: str, body: dict[str, Any]) -> None:
        annotations = body["metadata"]["annotations"]
        by = annotations["noria.dev/decided-by"]
        asked = [(key, value) for key, value in annotations.items() if key != "noria.dev/decided-by"]
        done = {"by": by, "at": shop.SINCE} | ({"refused": refused} if refused else {})
        body["status"]["instructions"] = [{"annotation": key, "value": value, **done} for key, value in asked]

    return act


@pytest.mark.parametrize(
    ("command", "annotation", "said"),
    [
        (("promote", "clothes", "3"), {"noria.dev/promote": "3"}, "model/clothes: version 3 was promoted by amy"),
        (("reject", "clothes", "2"), {"noria.dev/reject": "2"}, "model/clothes: version 2 was rejected by amy"),
        (
            ("rollback", "clothes"),
            {"noria.dev/serve": "1"},
            "model/clothes: version 1 serves until `--undo`, chosen by amy",
        ),
        (
            ("rollback", "clothes", "3"),
            {"noria.dev/serve": "3"},
            "model/clothes: version 3 serves until `--undo`, chosen by amy",
        ),
    ],
)
def test_a_person_decides_in_her_own_name(
    filled: FakeApi, run: Run, command: tuple[str, ...], annotation: dict[str, str], said: str
) -> None:
    filled.after = obey()
    assert run(*command)[:2] == (0, f"{said}\n")
    assert filled.objects[MODEL]["metadata"]["annotations"] == {**annotation, "noria.dev/decided-by": "amy"}
    assert run(*command)[0] == 0
    (again,) = (filled.objects[MODEL]["metadata"]["annotations"][key] for key in annotation)
    assert again.startswith(f"{next(iter(annotation.values()))}@")


def test_a_rollback_is_undone(filled: FakeApi, run: Run) -> None:
    filled.objects[MODEL]["metadata"]["annotations"] = {"noria.dev/serve": "1"}
    assert run("rollback", "clothes", "--undo")[:2] == (0, "model/clothes: what is promoted serves again\n")
    assert filled.objects[MODEL]["metadata"]["annotations"] == {"noria.dev/decided-by": "amy"}


def test_a_decision_that_cannot_be_carried_out_is_told(filled: FakeApi, run: Run) -> None:
    filled.after = obey(refused="version 3 is rejected: promote it instead")
    code, _, told = run("rollback", "clothes", "3")
    assert code == ExitCode.BAD_ORDER
    assert told == "DecisionRefused: model/clothes: version 3 is rejected: promote it instead\n"
    assert "has no version 9: known are 1, 2, 3" in run("promote", "clothes", "9")[2]
    filled.objects[MODEL]["status"]["served"] = 1
    assert "has no version that was promoted before" in run("rollback", "clothes")[2]
    filled.refuses[MODEL] = (403, "amy may not decide which version is served")
    code, _, told = run("promote", "clothes", "3")
    assert (code, "noria-approver" in told) == (ExitCode.NOT_PERMITTED, True)


def proof(folder: str, store: Store) -> None:
    """A proof of version 3 beside version 2, which are right about 40 and 89 of 100 examples."""
    labels = np.arange(100) % 2
    right = np.eye(2, dtype=np.float32)[labels]
    candidate, served = right.copy(), right.copy()
    candidate[:60], served[1:12] = 1 - right[:60], 1 - right[1:12]
    compared = Compared(np.arange(100, dtype=np.uint64), labels, candidate, served)
    case = Case(
        policy=Policy.NOT_WORSE, confidence_percent=95, margin_percent=50, seed=1, task=Task.IMAGE_CLASSIFICATION,
        metric=Metric.ACCURACY, candidate=3, served=2, classes=("bag", "shirt"), baseline=(0.5, 0.5),
    )  # fmt: skip
    found = kept.judged(case, compared)
    report = ProveReport(result=found.finding.result, reason=found.finding.reason, message="the figures", examples=100)
    whole = Proof(
        case=case, report=report, held_out=120, seen=20, examples=100, gain=found.gain, margin=found.margin,
        classes=found.classes, candidate=Cost(bytes=12345), served=Cost(bytes=678),
    )  # fmt: skip
    kept.write(folder, whole, compared, store)


def test_versions_are_compared(kept_store: tuple[str, Store], run: Run) -> None:
    runs, store = kept_store
    proof(f"{runs.replace('/runs/', '/proofs/')}/3/", store)
    code, text, _ = run("compare", "clothes", "2", "3")
    assert code == 0
    golden.check("compare", text)
    assert run("compare", "clothes")[1] == text
    _, text, _ = run("compare", "clothes", "1", "2")
    assert "no comparison of these versions is kept" in text
    _, text, _ = run("compare", "clothes", "3", "-o", "json")
    assert [each["version"] for each in json.loads(text)["versions"]] == [2, 3]
    assert json.loads(text)["proof"]["case"]["candidate"] == 3
    store.delete(f"{runs.replace('/runs/', '/proofs/')}/3/proof.json")
    code, text, _ = run("compare", "clothes", "2", "3")
    assert (code, "no comparison of these versions is kept" in text) == (0, True)
