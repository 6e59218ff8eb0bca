"""Addresses, credentials, and what is needed for them."""

import sys
from typing import Any

import httpx
import pytest

from noria_client import InputError, Model
from noria_client.address import parsed
from unit.client.played import TEXTS, Played


@pytest.mark.parametrize(
    ("url", "options", "found"),
    [
        ("http://flowers:8501", {}, "http://flowers:8501/v1/models/flowers"),
        ("http://flowers.shop.svc:8501/", {}, "http://flowers.shop.svc:8501/v1/models/flowers"),
        ("http://localhost:8501", {"name": "a/b"}, "http://localhost:8501/v1/models/a%2Fb"),
        ("http://127.0.0.1:8501/v1/models/m", {}, "http://127.0.0.1:8501/v1/models/m"),
        ("http://h/v1/models/m:predict", {}, "http://h/v1/models/m"),
        ("http://h/v1/models/m/versions/3/metadata", {}, "http://h/v1/models/m/versions/3"),
        ("http://h/v1/models/m/versions/3", {"label": "stable"}, "http://h/v1/models/m/labels/stable"),
        ("http://h/v1/models/m/labels/stable", {"version": 4}, "http://h/v1/models/m/versions/4"),
        ("https://a.example/team/v1/models/m", {}, "https://a.example/team/v1/models/m"),
        ("https://a.example/team", {"name": "m"}, "https://a.example/team/v1/models/m"),
        ("grpc://flowers", {}, "grpc://flowers:8500/v1/models/flowers"),
        ("grpcs://flowers.shop/v1/models/m", {}, "grpcs://flowers.shop:443/v1/models/m"),
        ("http://[::1]:8501/v1/models/m", {}, "http://[::1]:8501/v1/models/m"),
    ],
)
def test_addresses(url: str, options: Any, found: str) -> None:
    address = parsed(url, options.get("name"), version=options.get("version"), label=options.get("label"))
    assert str(address) == found


@pytest.mark.parametrize(
    ("url", "options", "words"),
    [
        ("flowers:8501", {}, "write it as http://"),
        ("ftp://flowers", {}, "write it as http://"),
        ("http://localhost:8501", {}, "which model"),
        ("http://10.0.0.7:8501", {}, "which model"),
        ("http://me:secret@flowers", {}, "token="),
        ("http://flowers?a=b", {}, "takes no query"),
        ("http://flowers", {"version": 1, "label": "stable"}, "not both"),
        ("http://flowers", {"batch_rows": 0}, "batch_rows is 0"),
        ("http://flowers", {"retries": -1}, "retries is -1"),
        ("http://flowers", {"transport": httpx.AsyncHTTPTransport()}, "transport is for AsyncModel"),
        ("https://flowers", {"ca": "/nowhere.pem"}, "PEM"),
        ("grpc://flowers", {"ca": "/nowhere.pem"}, "write grpcs://"),
        ("grpcs://flowers", {"ca": "/nowhere.pem"}, "PEM"),
        ("grpc://flowers/team", {}, "gRPC has no paths"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(url: str, options: Any, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        Model(url, **options)
    assert "secret" not in str(caught.value)


def test_grpc_names_the_extra_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    class Without:
        def find_spec(self, name: str, *_: Any) -> None:
            if name.startswith(("grpc", "google.protobuf")):
                raise ModuleNotFoundError(name)

    monkeypatch.setattr(sys, "meta_path", [Without(), *sys.meta_path])
    for name in [each for each in sys.modules if each.partition(".")[0] == "grpc"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(InputError, match=r"pip install 'noria-client\[grpc\]'"):
        Model("grpc://flowers")


def test_credentials_go_with_each_request_and_are_not_shown() -> None:
    tokens = iter(["first", "second", "third"])
    server = Played(TEXTS)
    model = server.model(token=lambda: next(tokens), headers={"X-Team": "shop"})
    model.predict("a")
    model.predict("b")
    sent = [(each.headers["authorization"], each.headers["x-team"]) for each in server.asked]
    assert sent == [("Bearer second", "shop"), ("Bearer third", "shop")]
    assert "second" not in repr(model)
    assert repr(model) == "Model('http://flowers.shop:8501/v1/models/flowers')"
