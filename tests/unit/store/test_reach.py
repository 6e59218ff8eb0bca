"""Where a URI that a user wrote may lead from a pod: by its scheme, and by the addresses that its host has."""

import socket
from typing import Any

import pytest

from noria.contract import FILES_VARIABLE, NETWORKS_VARIABLE, ORDER_VARIABLE, SOURCE_PREFIX, ExitCode, Home, shown
from noria_store.error import StepError
from noria_store.reach import Reach
from noria_store.store import Store

POD = {ORDER_VARIABLE: "{}"}


def reach(networks: str = "") -> Reach:
    return Reach.from_environment({**POD, NETWORKS_VARIABLE: networks})


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "a loopback"),
        ("127.200.0.9", "a loopback"),
        ("::1", "a loopback"),
        ("0.0.0.0", "an unspecified"),
        ("::", "an unspecified"),
        ("0.1.2.3", "a private"),
        ("10.0.0.7", "a private"),
        ("172.16.9.9", "a private"),
        ("192.168.1.1", "a private"),
        ("100.64.0.1", "a private"),
        ("192.0.0.8", "a private"),
        ("198.18.0.1", "a private"),
        ("240.0.0.1", "a private"),
        ("255.255.255.255", "a private"),
        ("224.0.0.251", "a multicast"),
        ("ff02::1", "a multicast"),
        ("169.254.169.254", "a link-local"),
        ("fe80::1%eth0", "a link-local"),
        ("fd00:ec2::254", "a link-local"),
        ("168.63.129.16", "a link-local"),
        ("100.100.100.200", "a link-local"),
        ("fc00::1", "a private"),
        ("fec0::1", "a private"),
        ("::ffff:127.0.0.1", "a loopback"),
        ("::ffff:169.254.169.254", "a link-local"),
        ("::ffff:10.0.0.7", "a private"),
        ("::127.0.0.1", "a loopback"),
        ("64:ff9b::7f00:1", "a loopback"),
        ("64:ff9b::a9fe:a9fe", "a link-local"),
        ("64:ff9b:1::a00:7", "a private"),
        ("2002:7f00:1::", "a loopback"),
        ("2002:a00:7::", "a private"),
        ("2001:0:1::80ff:fffe", "a private"),
        ("8.8.8.8", ""),
        ("2606:4700:4700::1111", ""),
        ("::ffff:8.8.8.8", ""),
        ("64:ff9b::808:808", ""),
    ],
)
def test_only_public_addresses_are_read_from_a_pod(address: str, kind: str) -> None:
    assert reach().refused(address) == kind
    assert Reach.from_environment({}).refused(address) == ""


@pytest.mark.parametrize(
    ("networks", "address", "is_allowed"),
    [
        ("10.1.0.0/16", "10.1.2.3", True),
        ("10.1.0.0/16", "10.2.2.3", False),
        ("10.1.0.0/16", "::ffff:10.1.2.3", True),
        ("10.1.0.0/16, fd00::/8", "fd00:1::1", True),
        ("127.0.0.0/8", "127.0.0.1", True),
        ("10.1.0.0/16", "64:ff9b::a01:203", True),
        ("0.0.0.0/0, ::/0", "169.254.169.254", False),
        ("0.0.0.0/0, ::/0", "fe80::1", False),
        ("0.0.0.0/0, ::/0", "168.63.129.16", False),
        ("0.0.0.0/0, ::/0", "fd00:ec2::254", False),
    ],
)
def test_the_administrator_allows_networks_but_never_a_machines_credentials(
    networks: str, address: str, is_allowed: bool
) -> None:
    assert (reach(networks).refused(address) == "") is is_allowed


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "localhost",
        "LOCALHOST",
        "169.254.169.254",
        "[64:ff9b::a9fe:a9fe]",
        "0",
    ],
)
def test_an_address_is_refused_however_it_is_spelled(host: str) -> None:
    with pytest.raises(StepError, match=r"may not read what a user names.*sources\.allowedNetworks") as found:
        Store.for_users(environment=POD).read(f"https://{host}/latest/meta-data?token=secret")
    assert (found.value.exit_code, found.value.reason) == (ExitCode.NOT_PERMITTED, "AddressRefused")
    assert "secret" not in found.value.message


def test_one_refused_address_refuses_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [answer("93.184.216.34"), answer("10.0.0.7")])
    with pytest.raises(StepError, match="has a private address"):
        reach().addresses("both.example", 443)


def test_the_address_that_was_checked_is_the_one_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that means something else a moment later (DNS rebinding) gains nothing."""
    resolve, connect = socket.getaddrinfo, socket.socket.connect
    meanings, asked = ["93.184.216.34", "127.0.0.1", "127.0.0.1"], []

    def resolved(host: str, *further: Any, **options: Any) -> Any:
        return [answer(meanings.pop(0))] if host == "rebinding.example" else resolve(host, *further, **options)

    def connected(self: socket.socket, address: Any) -> None:
        asked.append(address[0])
        connect(self, ("127.0.0.1", 1))

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket.socket, "connect", connected)
    with pytest.raises(StepError, match=r"rebinding\.example/x cannot be read: .*refused"):
        Store.for_users(environment=POD).read("https://rebinding.example/x")
    assert asked == ["93.184.216.34"]


def answer(address: str) -> Any:
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))


@pytest.mark.parametrize(
    "uri",
    [
        "file:///proc/self/environ",
        "/proc/self/environ",
        "proc/self/environ",
        "http://example.org/x",
        "HTTPS://example.org/x",
        "ftp://example.org/x",
        "gopher://127.0.0.1:6379/_x",
        "data:text/csv,a",
        "",
    ],
)
def test_other_schemes_are_refused_in_a_pod(uri: str) -> None:
    store = Store.for_users(environment=POD)
    for way in (lambda: store.read(uri), lambda: store.size(uri), lambda: store.list(uri), lambda: store.children(uri)):
        with pytest.raises(StepError, match=r"is not supported: use s3:// or https://") as found:
            way()
        assert (found.value.exit_code, found.value.reason) == (ExitCode.BAD_ORDER, "UnknownScheme")


def test_a_step_outside_of_a_pod_may_be_given_local_files(tmp_path: Any) -> None:
    (tmp_path / "x").write_bytes(b"water")
    for environment in ({}, {**POD, FILES_VARIABLE: "true"}):
        assert Store.for_users(environment=environment).read(f"file://{tmp_path}/x") == b"water"


@pytest.mark.parametrize(
    "uri", ["s3://noria/datasets/other/x", "https://store.example.org/noria/datasets/other/x", "s3://noria/"]
)
def test_other_namespaces_places_in_the_bucket_are_refused_whatever_the_keys(uri: str) -> None:
    environment = {**keys("https://store.example.org"), **keys("https://another.example.org", SOURCE_PREFIX)}
    for each in (environment, {**POD, **environment}):
        store = Store.for_users(SOURCE_PREFIX, each, home=Home(bucket="noria", namespace="shop"))
        for way in (lambda store=store: store.read(uri), lambda store=store: store.list(uri)):
            with pytest.raises(StepError, match=r"is outside of namespace shop|is the whole bucket") as found:
                way()
            assert (found.value.exit_code, found.value.reason) == (ExitCode.NOT_PERMITTED, "NotYours")


def keys(endpoint: str, prefix: str = "") -> dict[str, str]:
    names = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b" * 8}
    return {prefix + name: value for name, value in names.items()}


def test_the_endpoint_of_a_sources_secret_is_reached_as_any_address_of_a_user(object_store: Any) -> None:
    platform = {**POD, **keys("https://store.example.org")}
    with pytest.raises(StepError, match="has a loopback address") as found:
        Store.for_users(SOURCE_PREFIX, {**platform, **keys(object_store.endpoint, SOURCE_PREFIX)}).read(
            "s3://bucket/key"
        )
    assert (found.value.exit_code, found.value.reason) == (ExitCode.NOT_PERMITTED, "AddressRefused")


@pytest.mark.parametrize("platform", ["AWS_ENDPOINT_URL", NETWORKS_VARIABLE])
def test_the_platforms_own_endpoint_and_allowed_networks_are_reached(object_store: Any, platform: str) -> None:
    uri = f"s3://{object_store.bucket()}/x"
    Store.from_environment(environment=object_store.environment).write(uri, b"here")
    ours = object_store.endpoint if platform == "AWS_ENDPOINT_URL" else "127.0.0.0/8"
    own = {SOURCE_PREFIX + name: value for name, value in object_store.environment.items()}
    assert Store.for_users(SOURCE_PREFIX, {**POD, platform: ours, **own}).read(uri) == b"here"


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://host/a/b.csv", "https://host/a/b.csv"),
        ("https://host/b.csv?X-Amz-Signature=secret", "https://host/b.csv?…"),
        ("https://me:secret@host/b.csv#secret", "https://host/b.csv"),
        ("https://host?secret", "https://host?…"),
        ("s3://bucket/what?#x", "s3://bucket/what?#x"),
    ],
)
def test_what_may_be_a_password_is_not_shown(uri: str, expected: str) -> None:
    assert shown(uri) == expected
