"""The chart's alerts and dashboard: they ask for metrics and labels that the operator and the servers export."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from noria.api import Model
from noria.resources.deployment import selector
from noria.resources.server import METRICS_PATH
from noria.runtime import metric
from noria_serving.server.metrics import Labels, Metrics

ROOT = Path(__file__).resolve().parents[2]
ALERTS: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "helm/noria/files/alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((ROOT / "helm/noria/files/dashboard.json").read_text())
OBJECTS = {body["kind"]: body for body in yaml.safe_load_all((ROOT / "tests/data/monitoring/chart.yaml").read_text())}
SUFFIXES = {"counter": ("",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
OF_THE_SCRAPE = {"namespace", "pod", "le"}
"""Labels that Prometheus adds, and that of buckets."""
SERIES = re.compile(r"(?<![\w:])((?:noria_|:tensorflow:)[\w:]+)(?:\{([^}]*)\})?")
DEPRECATED = {metric.PASSES, metric.PASS_SECONDS}


def exported() -> Iterator[tuple[str, set[str]]]:
    """Each name of samples, with its labels."""
    for each in vars(metric).values():
        if isinstance(each, MetricWrapperBase) and each not in DEPRECATED:
            (described,) = each.describe()
            name = described.name + ("_total" if described.type == "counter" else "")
            yield from ((name + suffix, set(each._labelnames)) for suffix in SUFFIXES[described.type])
    for served in vars(Metrics()).values():
        labels: Labels = getattr(served, "labels", ())
        yield from ((served.name + suffix, set(labels)) for suffix in SUFFIXES[served.kind])


EXPORTED = dict(exported())
ASKED = [
    *(pytest.param(rule["expr"], id=rule["alert"]) for rule in ALERTS),
    *(
        pytest.param(target["expr"], id=panel["title"])
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", ())
    ),
    *(
        pytest.param(each["definition"], id=each["name"])
        for each in DASHBOARD["templating"]["list"]
        if "definition" in each
    ),
]


@pytest.mark.parametrize("expression", ASKED)
def test_every_metric_and_label_is_exported(expression: str) -> None:
    series = SERIES.findall(expression)
    assert series
    for name, matchers in series:
        assert name in EXPORTED
        labels = set(re.findall(r"(\w+)\s*[!=]", re.sub(r'"[^"]*"', "", matchers)))
        assert labels - EXPORTED[name] - OF_THE_SCRAPE == set()
    kept = {label for by in re.findall(r"by \(([^)]*)\)", expression) for label in by.split(", ")}
    assert kept - set[str]().union(*(EXPORTED[name] for name, _ in series)) - OF_THE_SCRAPE == set()


def test_alerts_say_what_happened_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)
    for rule in ALERTS:
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert set(rule["annotations"]) == {"summary", "description"}


def test_panels_lie_side_by_side() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [
        (x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23


def test_monitoring_is_off_unless_asked_for() -> None:
    bodies = list(yaml.safe_load_all((ROOT / "manifests/install.yaml").read_text()))
    assert {body["kind"] for body in bodies}.isdisjoint(OBJECTS)


def test_the_chart_brings_what_the_files_hold() -> None:
    assert OBJECTS["PrometheusRule"]["spec"]["groups"][0]["rules"][0] == ALERTS[0]
    assert json.loads(OBJECTS["ConfigMap"]["data"]["noria.json"]) == DASHBOARD
    for kind in ("PrometheusRule", "ServiceMonitor", "PodMonitor"):
        assert OBJECTS[kind]["metadata"]["labels"]["release"] == "prometheus"


def test_the_monitors_find_the_operator_and_the_models() -> None:
    bodies = list(yaml.safe_load_all((ROOT / "manifests/install.yaml").read_text()))
    (service,) = [body for body in bodies if body["kind"] == "Service" and body["metadata"]["name"] == "noria-metrics"]
    monitor = OBJECTS["ServiceMonitor"]["spec"]
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["endpoints"][0]["port"] == service["spec"]["ports"][0]["name"]
    model = Model.model_validate(
        {"metadata": {"name": "a", "namespace": "b", "uid": "c"}, "spec": {"source": {"trainingJobRef": {"name": "a"}}}}
    )
    (selected,) = OBJECTS["PodMonitor"]["spec"]["selector"]["matchExpressions"]
    assert selected == {"key": next(iter(selector(model))), "operator": "Exists"}
    assert OBJECTS["PodMonitor"]["spec"]["podMetricsEndpoints"][0]["path"] == METRICS_PATH
