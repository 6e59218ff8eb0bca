"""The puller: an artifact comes into place verified and whole, or a report says why not."""

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from noria.contract import Artifact, ExitCode, FailureReport, Home, PullOrder, parse_report
from noria_serving.puller import main

CONTENT = {"saved_model.pb": b"graph", "variables/variables.index": b"index", "assets.extra/warm": b"requests"}


def entry(name: str, **fields: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def tar_of(content: dict[str, bytes], *extra: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in content.items():
            tar.addfile(entry(name, size=len(data)), io.BytesIO(data))
        for info in extra:
            tar.addfile(info)
    return buffer.getvalue()


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


GZIP_CUT_OFF = gzip.compress(tar_of({"saved_model.pb": os.urandom(9000)}))[:5000]


LOCAL = {"NORIA_SOURCE_FILES": "true", "NORIA_SOURCE_NETWORKS": "127.0.0.0/8"}


class Pod:
    """A pod's disk with the puller's order and report on it."""

    def __init__(self, root: Path) -> None:
        self.models, self.artifact, self.report_path = root / "models", root / "model.tar", root / "report"

    def pull(
        self, data: bytes, expected: str | None = None, uri: str | None = None, further: Mapping[str, str] = LOCAL
    ) -> int:
        self.artifact.write_bytes(data)
        artifact = Artifact(uri=uri or str(self.artifact), digest=expected or digest(data))
        home = Home(bucket="noria", namespace="shop")
        order = PullOrder(artifact=artifact, model="flowers", version=7, destination=str(self.models), home=home)
        return main({"NORIA_ORDER": order.to_json(), **further}, self.report_path)

    @property
    def version(self) -> Path:
        return self.models / "flowers" / "7"

    @property
    def report(self) -> FailureReport:
        report = parse_report(self.report_path.read_text())
        assert isinstance(report, FailureReport)
        return report

    @property
    def is_clean(self) -> bool:
        folder = self.models / "flowers"
        return not folder.exists() or not any(folder.iterdir())


@pytest.fixture
def pod(tmp_path: Path) -> Pod:
    return Pod(tmp_path)


@pytest.mark.parametrize("packed", [bytes, gzip.compress], ids=["plain tar", "gzipped tar"])
def test_an_artifact_comes_into_place(pod: Pod, packed: Callable[[bytes], bytes]) -> None:
    assert pod.pull(packed(tar_of(CONTENT, entry("variables", type=tarfile.DIRTYPE)))) == ExitCode.DONE
    found = {str(p.relative_to(pod.version)): p.read_bytes() for p in pod.version.rglob("*") if p.is_file()}
    assert found == CONTENT
    assert [p.name for p in pod.version.parent.iterdir()] == ["7"]
    assert not pod.report_path.exists()


def test_what_is_in_place_is_not_fetched_again(pod: Pod) -> None:
    assert pod.pull(tar_of(CONTENT)) == ExitCode.DONE
    assert pod.pull(b"gone", expected=digest(tar_of(CONTENT))) == ExitCode.DONE


@pytest.mark.parametrize("data", [tar_of(CONTENT), tar_of(CONTENT)[:700], b"no tar at all"])
def test_another_digest_is_refused_with_both_named(pod: Pod, data: bytes) -> None:
    assert pod.pull(data, expected=digest(b"another")) == ExitCode.BAD_DATA
    assert pod.report.reason == "DigestMismatch"
    assert digest(b"another") in pod.report.message
    assert digest(data) in pod.report.message
    assert pod.is_clean


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(tar_of(CONTENT, entry("../evil")), "UnsafeArtifact", id="a path that leaves the folder"),
        pytest.param(tar_of(CONTENT, entry("/tmp/evil")), "UnsafeArtifact", id="an absolute path"),
        pytest.param(tar_of(CONTENT, entry("l", type=tarfile.SYMTYPE, linkname="/etc")), "UnsafeArtifact", id="link"),
        pytest.param(tar_of(CONTENT, entry("h", type=tarfile.LNKTYPE, linkname="x")), "UnsafeArtifact", id="hard link"),
        pytest.param(tar_of(CONTENT, entry("d", type=tarfile.CHRTYPE)), "UnsafeArtifact", id="device"),
        pytest.param(tar_of(CONTENT, entry("p", type=tarfile.FIFOTYPE)), "UnsafeArtifact", id="pipe"),
        pytest.param(tar_of(CONTENT, entry("saved_model.pb")), "UnsafeArtifact", id="a file twice"),
        pytest.param(tar_of(CONTENT, entry("saved_model.pb/x")), "UnsafeArtifact", id="a file as folder"),
        pytest.param(tar_of({"model/saved_model.pb": b"x"}), "NotASavedModel", id="the folder packed with its parent"),
        pytest.param(b"no tar at all", "BadArtifact", id="no tar"),
        pytest.param(tar_of(CONTENT)[:700], "BadArtifact", id="cut off"),
        pytest.param(GZIP_CUT_OFF, "BadArtifact", id="gzip cut off"),
    ],
)
def test_what_cannot_be_a_model_is_refused(pod: Pod, data: bytes, reason: str) -> None:
    assert pod.pull(data) == ExitCode.BAD_DATA
    assert pod.report.reason == reason
    assert pod.is_clean


def test_more_than_the_bound_is_refused(pod: Pod) -> None:
    giant = entry("giant", size=65 << 30)
    assert pod.pull(tar_of(CONTENT)[:-10240] + giant.tobuf()) == ExitCode.BAD_DATA
    assert pod.report.reason == "UnsafeArtifact"
    assert "more than" in pod.report.message


@pytest.mark.parametrize(
    ("uri", "code", "reason"),
    [
        ("/no/such/model.tar", ExitCode.BAD_DATA, "ArtifactNotFound"),
        ("ftp://host/model.tar", ExitCode.BAD_ORDER, "UnknownScheme"),
        ("https://127.0.0.1:1/model.tar", ExitCode.UNAVAILABLE, "StoreUnavailable"),
    ],
)
def test_what_cannot_be_fetched_is_named(pod: Pod, uri: str, code: ExitCode, reason: str) -> None:
    assert pod.pull(b"", uri=uri) == code
    assert (pod.report.reason, uri in pod.report.message) == (reason, True)


@pytest.mark.parametrize(
    ("uri", "code", "reason"),
    [
        ("/proc/self/environ", ExitCode.BAD_ORDER, "UnknownScheme"),
        ("file:///proc/self/environ", ExitCode.BAD_ORDER, "UnknownScheme"),
        ("http://169.254.169.254/latest", ExitCode.BAD_ORDER, "UnknownScheme"),
        ("https://169.254.169.254/latest", ExitCode.NOT_PERMITTED, "AddressRefused"),
        ("https://0x7f000001/", ExitCode.NOT_PERMITTED, "AddressRefused"),
        ("s3://noria/runs/other/job/uid/1/best/model.tar", ExitCode.NOT_PERMITTED, "NotYours"),
    ],
)
def test_a_pod_reads_no_files_and_nothing_of_other_networks_or_namespaces(
    pod: Pod, uri: str, code: ExitCode, reason: str
) -> None:
    assert pod.pull(b"", uri=uri, further={}) == code
    assert pod.report.reason == reason


def test_an_order_that_is_none_is_a_bad_order(pod: Pod) -> None:
    assert main({}, pod.report_path) == ExitCode.BAD_ORDER
    assert pod.report.reason == "BadOrder"


def test_a_folder_that_may_not_be_written_is_named(pod: Pod) -> None:
    pod.models.write_text("a file where the folder should be")
    assert pod.pull(tar_of(CONTENT)) == ExitCode.UNAVAILABLE
    assert pod.report.reason == "CannotWrite"
