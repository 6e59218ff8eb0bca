"""docs/exposing.md: the objects that it shows are Kubernetes', and lead to what a Model's Service and pods have."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.aio import client

from noria.api import Model
from noria.resources import labels
from noria.resources.deployment import selector
from noria.resources.service import service

PAGE = (Path(__file__).resolve().parents[2] / "docs/exposing.md").read_text()
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SHOWN: list[dict[str, Any]] = [body for block in BLOCKS for body in yaml.safe_load_all(block)]
BUILT_IN = ("Deployment", "Service", "NetworkPolicy", "Ingress")
CLOTHES = Model.model_validate(
    {
        "metadata": {"name": "clothes", "namespace": "shop", "uid": "6f3d"},
        "spec": {"source": {"trainingJobRef": {"name": "clothes"}}},
    }
)


def shown(kind: str) -> dict[str, Any]:
    """The object of this kind."""
    return next(body for body in SHOWN if body["kind"] == kind)


def typed(value: Any, type: str) -> Any:
    """The value as Kubernetes' client models it. Raises KeyError for unknown fields, ValueError for missing ones."""
    if found := re.fullmatch(r"list\[(.+)\]", type):
        return [typed(each, found[1]) for each in value]
    model = getattr(client, type, None)
    if model is None or not isinstance(value, dict):
        return value
    fields = {key: field for field, key in model.attribute_map.items()}
    return model(**{fields[key]: typed(each, model.openapi_types[fields[key]]) for key, each in value.items()})


@pytest.mark.parametrize("body", [pytest.param(each, id=each["kind"]) for each in SHOWN if each["kind"] in BUILT_IN])
def test_kubernetes_knows_every_field(body: dict[str, Any]) -> None:
    assert typed(body, f"V1{body['kind']}").metadata.namespace == "shop"
    with pytest.raises(KeyError):
        typed({**body, "spec": {**body["spec"], "replica": 1}}, f"V1{body['kind']}")


def test_every_kind_is_looked_at() -> None:
    assert {body["kind"] for body in SHOWN} == {*BUILT_IN, "Gateway", "HTTPRoute", "GRPCRoute"}


def test_routes_lead_to_ports_that_exist() -> None:
    spec = service(CLOTHES).spec
    assert spec
    assert spec.ports
    ports = {port.name: port.port for port in spec.ports}
    proxy = shown("Service")["spec"]["ports"][0]
    arguments = shown("Deployment")["spec"]["template"]["spec"]["containers"][0]["args"]
    assert f"--upstream=http://clothes:{ports['http']}/v1/" in arguments
    assert shown("GRPCRoute")["spec"]["rules"][0]["backendRefs"] == [{"name": "clothes", "port": ports["grpc"]}]
    assert shown("HTTPRoute")["spec"]["rules"][0]["backendRefs"] == [{"name": "clothes-proxy", "port": proxy["port"]}]
    paths = shown("Ingress")["spec"]["rules"][0]["http"]["paths"]
    backend = {"service": {"name": "clothes-proxy", "port": {"name": proxy["name"]}}}
    assert [path["backend"] for path in paths] == [backend] * 2


def test_prefixes_let_predictions_through_and_keep_metrics_in() -> None:
    matches = shown("HTTPRoute")["spec"]["rules"][0]["matches"]
    paths = shown("Ingress")["spec"]["rules"][0]["http"]["paths"]
    for prefixes in ([each["path"]["value"] for each in matches], [each["path"] for each in paths]):
        assert any("/v1/models/clothes:predict".startswith(f"{prefix}/") for prefix in prefixes)
        assert not any("/monitoring/prometheus/metrics".startswith(prefix) for prefix in prefixes)


def test_the_network_policy_selects_the_models_pods() -> None:
    spec = shown("NetworkPolicy")["spec"]
    assert spec["podSelector"]["matchLabels"] == selector(CLOTHES)
    steps = labels.child_labels("Model", "clothes", step="watch")
    allowed = [each["podSelector"]["matchLabels"] for each in spec["ingress"][0]["from"] if "podSelector" in each]
    assert {labels.STEPS_MODEL: "clothes"} in allowed
    assert steps[labels.STEPS_MODEL] == "clothes"
