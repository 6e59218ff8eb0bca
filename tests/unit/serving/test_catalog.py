"""What the catalog says of models that cannot be had."""

from collections.abc import Iterator

import pytest

from noria_serving.server.catalog import Catalog, CatalogSettings
from noria_serving.server.config import ModelConfig
from noria_serving.server.model import Version
from noria_serving.server.servable import Servable
from noria_serving.server.status import Code, ServingError, not_found


def broken(name: str, version: Version) -> Servable:
    raise not_found(f"no {name}")


@pytest.fixture
def catalog() -> Iterator[Catalog]:
    settings = CatalogSettings(poll=0.05, retries=0, retry_interval=0)
    made = Catalog(broken, lambda base: {1: f"{base}/1"}, settings)
    made.start()
    yield made
    made.stop()


def test_models_that_cannot_be_loaded_are_told_together(catalog: Catalog) -> None:
    catalog.configure([ModelConfig("b", "/b"), ModelConfig("a", "/a")])
    failed = [f"{{{{name: {name} version: 1}} due to error: NOT_FOUND: no {name}}}, " for name in ("a", "b")]
    with pytest.raises(ServingError) as caught:
        catalog.wait_until_ready()
    text = f"2 servable(s) did not become available: {{{failed[0]}{failed[1]}}}"
    assert (caught.value.code, caught.value.message) == (Code.UNKNOWN, text)
    with pytest.raises(ServingError) as caught:
        catalog.wait_until_ready(["b"])
    text = "1 model(s) did not become available: {{{name: b version: 1} due to error: NOT_FOUND: no b}, }"
    assert (caught.value.code, caught.value.message) == (Code.UNKNOWN, text)


def test_labels_are_unknown_before_there_are_models(catalog: Catalog) -> None:
    with pytest.raises(ServingError) as caught:
        catalog.find("m", label="stable")
    assert (caught.value.code, caught.value.message) == (Code.UNAVAILABLE, "Model labels does not init yet.stable")
    catalog.configure([ModelConfig("a", "/a")])
    with pytest.raises(ServingError) as caught:
        catalog.find("m", label="stable")
    text = "Unrecognized servable version label: stable"
    assert (caught.value.code, caught.value.message) == (Code.INVALID_ARGUMENT, text)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("models", [[], [ModelConfig("a", "/a")]])
def test_what_nobody_looks_for_holds_up_no_start(models: list[ModelConfig]) -> None:
    catalog = Catalog(broken, lambda base: {1: f"{base}/1"}, CatalogSettings(poll=-1, retries=0, retry_interval=0))
    catalog.start()
    catalog.configure(models)
    catalog.wait_until_settled()
    assert catalog.unready(model.name for model in models) == [model.name for model in models]
    catalog.stop()
