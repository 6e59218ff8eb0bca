"""Requests to the API server of a kubeconfig, as plain JSON. What goes wrong is a StepError that says what to do."""

import argparse
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import urllib3
from kubernetes.client import ApiClient, Configuration
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException
from kubernetes.config.incluster_config import load_incluster_config
from kubernetes.config.kube_config import list_kube_config_contexts, load_kube_config
from urllib3.exceptions import HTTPError, MaxRetryError, SSLError

from noria.contract import ExitCode
from noria_cli.cluster.option import has_kubeconfig, kubeconfig
from noria_store.error import StepError

SECONDS = 30.0
"""For one request."""
PAGE = 500
"""Objects per page of a list."""
USER_AGENT = "noria-cli"
"""Also the manager of the fields that commands set."""
IN_POD = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
MERGE, APPLY = "application/merge-patch+json", "application/apply-patch+yaml"
Body = dict[str, Any]


@dataclass(frozen=True)
class Cluster:
    """An API server, and the namespace that commands are about."""

    configuration: Configuration
    namespace: str
    context: str = ""
    is_near: bool = False
    """Whether this process runs in the cluster, where Services have addresses."""

    @cached_property
    def _api(self) -> ApiClient:
        api = ApiClient(self.configuration)
        api.user_agent = USER_AGENT
        return api

    @property
    def address(self) -> str:
        """The API server's URL."""
        return str(self.configuration.host)

    def find(self, path: str) -> Body | None:
        """The object at a path; none where there is none."""
        try:
            return self.request("GET", path)
        except Missing:
            return None

    def items(self, path: str, **selectors: str) -> Iterator[Body]:
        """The objects of a list, page by page. Raises Missing where the cluster does not know the kind."""
        query = {**selectors, "limit": str(PAGE)}
        while True:
            page = self.request("GET", path, query=query)
            if not isinstance(page, dict) or not isinstance(page.get("items"), list):
                raise self._foreign()
            yield from page["items"]
            if not (following := page.get("metadata", {}).get("continue")):
                return
            query["continue"] = following

    def merge(self, path: str, body: Body) -> Body:
        """Merge a body into the object at a path."""
        return self.request("PATCH", path, body=body, content_type=MERGE, query={"fieldManager": USER_AGENT})

    def apply(self, path: str, body: Body) -> Body:
        """Have an object with what the body says, whoever else has set its fields."""
        query = {"fieldManager": USER_AGENT, "force": "true"}
        return self.request("PATCH", path, body=body, content_type=APPLY, query=query)

    def create(self, path: str, body: Body) -> Body:
        """Create an object, or ask for a review."""
        return self.request("POST", path, body=body)

    def request(self, method: str, path: str, **parts: Any) -> Body:
        """The answer as JSON. Raises StepError where the server refuses or does not answer."""
        data = self.text(method, path, **parts)
        try:
            found: Body = json.loads(data)
        except ValueError:
            raise self._foreign() from None
        return found

    def text(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Body | None = None,
        content_type: str = "application/json",
    ) -> str:
        """The answer as text."""
        api = self._api
        headers = {"Accept": "application/json, */*", "Content-Type": content_type}
        with self._errors():
            _, url, headers, content, _ = api.param_serialize(
                method,
                path,
                query_params=list((query or {}).items()),
                header_params=headers,
                body=body,
                auth_settings=["BearerToken"],
            )
            answer = api.call_api(method, url, headers, content, _request_timeout=SECONDS)
            data: bytes = answer.read()
        if answer.status >= 400:
            raise _refusal(answer.status, data, f"{method} {path}")
        return data.decode("utf-8", "replace")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except MaxRetryError as error:
            raise self._unreachable(error.reason or error) from error
        except (HTTPError, ApiException, OSError) as error:
            raise self._unreachable(error) from error

    def _unreachable(self, cause: Exception) -> StepError:
        if isinstance(cause, SSLError):
            return self._failure(f"{self.address} has a certificate that the kubeconfig does not trust: {cause}")
        told = cause.reason if isinstance(cause, ApiException) else cause.args[-1] if cause.args else cause
        return self._failure(f"{self.address} does not answer: {' '.join(str(told).split())}")

    def _foreign(self) -> StepError:
        return self._failure(f"{self.address} does not answer as an API server does")

    def _failure(self, what: str) -> StepError:
        cure = "check that the cluster is up, or choose another with --context or --kubeconfig"
        return StepError(ExitCode.UNAVAILABLE, "Unreachable", f"the cluster at {what}: {cure}")


class Missing(StepError):
    """The server has no such object, or does not know the kind."""


def connect(arguments: argparse.Namespace) -> Cluster:
    """The cluster that the options name. Raises StepError where they name none."""
    given: Path | None = arguments.kubeconfig
    if given is not None and not given.is_file():
        raise StepError(ExitCode.BAD_ORDER, "NoCluster", f"there is no kubeconfig {given}: correct --kubeconfig")
    configuration = Configuration()
    if given is None and not has_kubeconfig() and IN_POD.exists():
        load_incluster_config(client_configuration=configuration)
        return replace(_cluster(configuration, arguments, IN_POD.read_text().strip()), is_near=True)
    file = str(given) if given else kubeconfig()
    try:
        contexts, active = list_kube_config_contexts(file)
        chosen = _context(contexts, active, arguments.context)
        load_kube_config(file, context=chosen["name"], client_configuration=configuration)
    except (ConfigException, OSError) as error:
        raise _no_cluster(given, error) from error
    return _cluster(configuration, arguments, chosen["context"].get("namespace"), chosen["name"])


def _cluster(
    configuration: Configuration, arguments: argparse.Namespace, namespace: str | None, context: str = ""
) -> Cluster:
    configuration.retries = urllib3.Retry(total=0)  # who waits for a cluster asks again
    return Cluster(configuration, getattr(arguments, "namespace", None) or namespace or "default", context)


def _context(contexts: list[Body], active: Body, wanted: str | None) -> Body:
    if wanted is None:
        return active
    found = next((each for each in contexts if each["name"] == wanted), None)
    if found is None:
        known = ", ".join(each["name"] for each in contexts) or "none"
        message = f"the kubeconfig has no context {wanted}: choose one of {known} with --context"
        raise StepError(ExitCode.BAD_ORDER, "NoCluster", message)
    return found


def _no_cluster(given: Path | None, error: Exception) -> StepError:
    where = given or kubeconfig()
    cause = " ".join(str(error).split())
    message = f"{where} names no cluster ({cause}): set KUBECONFIG, or give --kubeconfig FILE and --context NAME"
    return StepError(ExitCode.UNAVAILABLE, "NoCluster", message)


def _refusal(status: int, data: bytes, request: str) -> StepError:
    """What a refusal means for a person."""
    try:
        told = json.loads(data)["message"]
    except (ValueError, KeyError, TypeError):
        told = data[:200].decode(errors="replace").strip()
    if status == 401:
        message = "the cluster does not accept the kubeconfig's credentials: log in again, or get a new kubeconfig"
        return StepError(ExitCode.NOT_PERMITTED, "NotPermitted", message)
    if status == 403:
        cure = "ask for a role in the namespace: view to look, edit to change, noria-approver to decide"
        return StepError(ExitCode.NOT_PERMITTED, "NotPermitted", f"{told.rstrip('.')}: {cure}")
    if status == 404:
        return Missing(ExitCode.BAD_DATA, "NotFound", f"{told or request}: check the name and --namespace")
    if status >= 500 or status == 429:
        message = f"the API server cannot answer ({status}: {told}): try again in a moment"
        return StepError(ExitCode.UNAVAILABLE, "Unreachable", message)
    return StepError(ExitCode.BAD_ORDER, "Refused", f"the API server refuses the request ({status}): {told}")
