"""What the chart gives its operator: few rights, and settings that exist."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from noria.api import GROUP, KINDS
from noria.controllers import access, watched_types
from noria.runtime import leader, watch
from noria.runtime.access import rules
from noria.runtime.settings import OperatorSettings, variables

ROOT = Path(__file__).resolve().parents[3]
RULES: dict[str, list[dict[str, list[str]]]] = yaml.safe_load((ROOT / "helm/noria/files/rules.yaml").read_text())
EVERY_RULE = [rule for rules in RULES.values() for rule in rules]


def operator(manifest: str) -> dict[str, Any]:
    """The operator's container in a rendering."""
    bodies = yaml.safe_load_all((ROOT / manifest).read_text())
    deployment = next(body for body in bodies if body["kind"] == "Deployment" and body["metadata"]["name"] == "noria")
    container: dict[str, Any] = deployment["spec"]["template"]["spec"]["containers"][0]
    return container


def settings(manifest: str) -> OperatorSettings:
    """The settings of a rendering, as the operator reads them; one that it does not know is an error."""
    environment = {one["name"]: one["value"] for one in operator(manifest)["env"]}
    assert environment.keys() <= set(variables())
    return OperatorSettings.from_environment(environment)


def test_rules_follow_from_what_is_declared() -> None:
    declared = {"work": access(), "election": leader.ACCESS, "discovery": watch.ACCESS}
    assert {key: [rule for _, rule in rules(accesses)] for key, accesses in declared.items()} == RULES


def test_all_that_is_watched_may_be_listed_and_watched() -> None:
    permitted = {one.type: set(one.verbs) for one in access() if not one.subresource}
    assert all({"list", "watch"} <= permitted[one.type] for one in watched_types())


def test_no_rule_names_secrets_or_everything() -> None:
    named = {word for rule in EVERY_RULE for words in rule.values() for word in words}
    assert not named & {"*", "secrets", "pods/exec", "pods/log", "serviceaccounts", "roles", "escalate", "impersonate"}


def test_our_kinds_are_read_and_only_their_status_is_written() -> None:
    verbs = {resource: set(rule["verbs"]) for rule in RULES["work"] for resource in rule["resources"]}
    assert {group for rule in RULES["work"] if "datasets" in rule["resources"] for group in rule["apiGroups"]} == {
        GROUP
    }
    for kind in KINDS:
        assert verbs[kind.plural] == {"get", "list", "watch"}
        assert verbs[f"{kind.plural}/status"] == {"patch"}
        assert verbs[f"{kind.plural}/finalizers"] == {"update"}


def test_jobs_are_created_once_and_never_changed() -> None:
    (jobs,) = [rule for rule in RULES["work"] if rule["resources"] == ["jobs"]]
    assert set(jobs["verbs"]) == {"get", "list", "watch", "create", "delete"}


def test_the_operator_watches_all_namespaces_by_default() -> None:
    assert settings("manifests/install.yaml").watch_namespaces == ()


def test_the_chart_has_no_hooks() -> None:
    rendered = [ROOT / "manifests/install.yaml", *(ROOT / "tests/data/chart").glob("*.yaml")]
    bodies = [body for path in rendered for body in yaml.safe_load_all(path.read_text())]
    assert len(bodies) > 30
    annotations = [name for body in bodies for name in body["metadata"].get("annotations") or {}]
    assert not [name for name in annotations if name.startswith("helm.sh/hook")]


@pytest.mark.parametrize("manifest", ["manifests/install.yaml", "tests/data/chart/embedded-store.yaml"])
def test_every_pods_use_of_disk_is_bounded(manifest: str) -> None:
    bodies = [body for body in yaml.safe_load_all((ROOT / manifest).read_text()) if body["kind"] == "Deployment"]
    for spec in (body["spec"]["template"]["spec"] for body in bodies):
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            assert all(container["resources"][kind]["ephemeral-storage"] for kind in ("requests", "limits"))
        assert all(volume["emptyDir"]["sizeLimit"] for volume in spec["volumes"] if "emptyDir" in volume)


def test_values_reach_the_operator() -> None:
    found = settings("tests/data/chart/namespaces.yaml")
    assert found.watch_namespaces == ("team-a", "team-b")
    assert found.workers == 16
    assert settings("tests/data/chart/embedded-store.yaml").installation.image_pull_secrets == ("registry",)


def test_probes_ask_the_port_that_the_operator_opens() -> None:
    container = operator("manifests/install.yaml")
    assert container["ports"] == [{"name": "http", "containerPort": settings("manifests/install.yaml").listen_port}]
