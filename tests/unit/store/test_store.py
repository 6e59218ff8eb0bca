"""The store on a real SeaweedFS and on a plain folder: the same behaviour, and every refusal in words."""

import time
from pathlib import Path
from typing import Any

import pytest
from minio.credentials.providers import IamAwsProvider

from noria.contract import ORDER_VARIABLE, SOURCE_PREFIX, ExitCode
from noria_store.error import StepError
from noria_store.s3 import client
from noria_store.store import Store
from noria_store.uri import join


@pytest.fixture(params=["s3", "folder"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Store, str]:
    """A store and an empty folder in it."""
    if request.param == "folder":
        return Store.from_environment(environment={}), f"{tmp_path}/objects"
    served = request.getfixturevalue("object_store")
    return Store.from_environment(environment=served.environment), f"s3://{served.bucket()}/folder"


def test_what_is_written_is_read(place: tuple[Store, str]) -> None:
    store, at = place
    assert store.find(f"{at}/a/b.txt") is None
    assert not store.exists(f"{at}/a/b.txt")
    store.write(f"{at}/a/b.txt", b"one")
    store.write(f"{at}/a/b.txt", b"three")
    assert store.read(f"{at}/a/b.txt") == b"three"
    assert store.size(f"{at}/a/b.txt") == 5


def test_what_is_written_once_stays(place: tuple[Store, str]) -> None:
    store, at = place
    assert store.write_once(f"{at}/x", b"first")
    assert not store.write_once(f"{at}/x", b"second")
    assert store.read(f"{at}/x") == b"first"


def test_a_folder_lists_what_is_below_it_and_nothing_beside_it(place: tuple[Store, str]) -> None:
    store, at = place
    for name in ("b/2", "a", "b/1"):
        store.write(f"{at}/{name}", name.encode())
    store.write(f"{at}-beside/c", b"")
    assert list(store.list(at)) == [(f"{at}/a", 1), (f"{at}/b/1", 3), (f"{at}/b/2", 3)]
    assert list(store.list(f"{at}/b/")) == [(f"{at}/b/1", 3), (f"{at}/b/2", 3)]
    assert list(store.list(f"{at}/nothing")) == []


def test_files_travel_whole(place: tuple[Store, str], tmp_path: Path) -> None:
    store, at = place
    here = tmp_path / "here"
    here.write_bytes(bytes(range(256)) * 30_000)
    store.upload(here, f"{at}/file")
    there = store.download(f"{at}/file", tmp_path / "new" / "there")
    assert there.read_bytes() == here.read_bytes()
    assert [path.name for path in there.parent.iterdir()] == ["there"]


def test_deleting_what_is_not_there_is_success(place: tuple[Store, str]) -> None:
    store, at = place
    store.write(f"{at}/x", b"")
    store.write(f"{at}/y", b"")
    store.delete(f"{at}/x", f"{at}/absent")
    store.delete()
    assert [uri for uri, _ in store.list(at)] == [f"{at}/y"]


def test_an_absent_object_is_named(place: tuple[Store, str], tmp_path: Path) -> None:
    store, at = place
    for attempt in (lambda: store.read(f"{at}/absent"), lambda: store.download(f"{at}/absent", tmp_path / "x")):
        with pytest.raises(StepError, match=f"{at}/absent") as failure:
            attempt()
        assert (failure.value.exit_code, failure.value.reason) == (ExitCode.BAD_DATA, "NotFound")
    assert not (tmp_path / "x").exists()


def failure(environment: dict[str, str], uri: str = "s3://bucket/key", prefix: str = "") -> StepError:
    """What reading the object ends with, by every way of reaching it."""
    store = Store.from_environment(prefix, environment)
    ways = [lambda: store.read(uri), lambda: store.exists(uri), lambda: list(store.list(uri))]
    failures = []
    for way in ways:
        with pytest.raises(StepError) as found:
            way()
        failures.append(found.value)
    assert len({(each.exit_code, each.reason) for each in failures}) == 1, failures
    return failures[0]


def test_no_credentials_are_said_with_the_cure(object_store: Any) -> None:
    found = failure({"AWS_ENDPOINT_URL": object_store.endpoint, ORDER_VARIABLE: "{}"})
    assert (found.exit_code, found.reason) == (ExitCode.NOT_PERMITTED, "NoCredentials")
    assert "noria-object-store" in found.message
    assert "AWS_ACCESS_KEY_ID" in found.message


@pytest.mark.parametrize(
    "name",
    [
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    ],
)
def test_a_pod_without_keys_has_its_workload_identity(name: str) -> None:
    assert isinstance(client({name: "/there"}).minio._provider, IamAwsProvider)
    given = client({name: "/there", **keys("https://store")}).minio._provider
    assert given is not None
    assert given.retrieve().access_key == "a"


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"AWS_ACCESS_KEY_ID": "a"}, id="a key without its secret"),
        pytest.param({"AWS_ENDPOINT_URL": "http://host:99999"}, id="no port"),
        pytest.param({"AWS_ENDPOINT_URL": "http://[host"}, id="no host"),
        pytest.param({"AWS_ENDPOINT_URL": "http://me:hidden@host"}, id="a password in the address"),
        pytest.param({"AWS_REGION": "a b"}, id="no region"),
    ],
)
def test_settings_that_cannot_be_used_are_named(environment: dict[str, str]) -> None:
    found = failure({ORDER_VARIABLE: "{}", **environment})
    assert (found.exit_code, found.reason) == (ExitCode.UNAVAILABLE, "StoreUnavailable")
    assert "AWS_ENDPOINT_URL" in found.message
    assert "noria-object-store" in found.message
    assert "hidden" not in found.message


def shown_keys(environment: dict[str, str]) -> str | None:
    """The access key that the source's endpoint is shown."""
    provider = client({**keys("https://platform"), **environment}, SOURCE_PREFIX).minio._provider
    return provider.retrieve().access_key if provider else None


def test_keys_of_the_platform_are_never_shown_to_an_endpoint_that_a_source_names() -> None:
    endpoint = {SOURCE_PREFIX + "AWS_ENDPOINT_URL": "https://elsewhere"}
    assert shown_keys({}) == "a"
    assert shown_keys(endpoint) is None
    assert shown_keys({**endpoint, "AWS_WEB_IDENTITY_TOKEN_FILE": "/there"}) is None
    assert shown_keys({**endpoint, SOURCE_PREFIX + "AWS_ACCESS_KEY_ID": ""}) is None
    own = {SOURCE_PREFIX + "AWS_ACCESS_KEY_ID": "own", SOURCE_PREFIX + "AWS_SECRET_ACCESS_KEY": "b"}
    assert shown_keys({**endpoint, **own}) == "own"
    assert shown_keys(own) == "own"


def test_what_everybody_may_read_needs_no_keys() -> None:
    assert not client({}).keys
    assert client({}, anonymous=True).keys
    assert client({}, anonymous=True).minio._provider is None


@pytest.mark.parametrize("wrong", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_wrong_keys_are_refused_with_the_host(object_store: Any, wrong: str) -> None:
    bucket = object_store.bucket()
    found = failure({**object_store.environment, wrong: "wrong-0123456789"}, f"s3://{bucket}/key")
    assert (found.exit_code, found.reason) == (ExitCode.NOT_PERMITTED, "AccessDenied")
    assert object_store.endpoint in found.message


def test_an_absent_bucket_is_named(object_store: Any) -> None:
    store, uri = Store.from_environment(environment=object_store.environment), "s3://no-such-bucket/folder/key"
    for attempt in (lambda: store.read(uri), lambda: list(store.list(uri)), lambda: store.write_once(uri, b"")):
        with pytest.raises(StepError, match="no-such-bucket") as found:
            attempt()
        assert (found.value.exit_code, found.value.reason) == (ExitCode.UNAVAILABLE, "NoSuchBucket")


@pytest.mark.parametrize("host", ["http://no-such-host.invalid:9000", "http://127.0.0.1:1", "https://127.0.0.1:1"])
def test_a_host_that_is_not_there_is_named_soon(host: str) -> None:
    began = time.monotonic()
    with pytest.raises(StepError, match=host) as found:
        Store.from_environment(environment=keys(host)).read("s3://bucket/key")
    assert (found.value.exit_code, found.value.reason) == (ExitCode.UNAVAILABLE, "StoreUnavailable")
    assert time.monotonic() - began < 60


def keys(endpoint: str) -> dict[str, str]:
    return {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": endpoint}


def test_a_bucket_that_cannot_be_is_a_bad_order(object_store: Any) -> None:
    assert failure(object_store.environment, "s3://B_/key").exit_code == ExitCode.BAD_ORDER


def test_a_source_has_keys_of_its_own(object_store: Any) -> None:
    bucket = object_store.bucket()
    Store.from_environment(environment=object_store.environment).write(f"s3://{bucket}/x", b"here")
    platform = keys("http://127.0.0.1:1")
    own = {SOURCE_PREFIX + name: value for name, value in object_store.environment.items()}
    assert Store.from_environment(SOURCE_PREFIX, {**platform, **own}).read(f"s3://{bucket}/x") == b"here"
    assert Store.from_environment(SOURCE_PREFIX, object_store.environment).read(f"s3://{bucket}/x") == b"here"


def test_wrong_keys_of_a_source_are_not_hidden_by_the_platforms(object_store: Any) -> None:
    bucket = object_store.bucket()
    wrong = {SOURCE_PREFIX + "AWS_ACCESS_KEY_ID": "nobody", SOURCE_PREFIX + "AWS_SECRET_ACCESS_KEY": "x" * 10}
    environment = {**object_store.environment, **wrong, ORDER_VARIABLE: "{}"}
    found = failure(environment, f"s3://{bucket}/x", SOURCE_PREFIX)
    assert (found.exit_code, found.reason) == (ExitCode.NOT_PERMITTED, "AccessDenied")
    assert "secretRef" in found.message


def test_a_folder_that_may_not_be_written_is_named() -> None:
    with pytest.raises(StepError, match="/dev/null/x") as found:
        Store.from_environment(environment={}).write("/dev/null/x/y", b"")
    assert found.value.exit_code == ExitCode.NOT_PERMITTED


def test_names_join_to_uris() -> None:
    assert join("s3://bucket/a/", "b", "c") == "s3://bucket/a/b/c"
    assert join("s3://bucket/a", "b", "") == "s3://bucket/a/b/"


def test_what_is_right_below_a_folder(place: tuple[Store, str]) -> None:
    store, at = place
    for name in ("1/saved_model.pb", "2/variables/index", "readme.txt"):
        store.write(f"{at}/{name}", b"")
    assert list(store.children(at)) == list(store.children(f"{at}/")) == ["1/", "2/", "readme.txt"]
    assert list(store.children(f"{at}/nothing")) == []


def test_another_scheme_is_a_bad_order() -> None:
    with pytest.raises(StepError, match="ftp://host/x") as found:
        Store.from_environment(environment={}).read("ftp://host/x")
    assert (found.value.exit_code, found.value.reason) == (ExitCode.BAD_ORDER, "UnknownScheme")
