"""The configured `kubernetes` client: from KUBECONFIG if there is one, else from the pod's service account."""

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.config import ConfigException, load_incluster_config, load_kube_config

USER_AGENT = "noria-operator"


class NoClusterError(Exception):
    """Nothing says which cluster to work in."""


async def connect(kubeconfig: Path | None = None) -> ApiClient:
    """A client for the cluster of this kubeconfig; without one, for the cluster of the environment.

    Raises NoClusterError if there is neither a kubeconfig nor a service account.
    """
    configuration = Configuration()
    try:
        await load_kube_config(  # type: ignore[no-untyped-call]  # upstream
            config_file=str(kubeconfig) if kubeconfig else None, client_configuration=configuration
        )
    except (ConfigException, FileNotFoundError) as error:
        try:
            load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]  # upstream
        except ConfigException:
            raise NoClusterError(
                f"no cluster: set KUBECONFIG to a kubeconfig file, or run in a pod with a service account ({error})"
            ) from error
    configuration.proxy = configuration.proxy or _proxy(configuration.host)
    configuration.client_session_kwargs = {"trust_env": False}  # would read the environment and ~/.netrc every time
    client = ApiClient(configuration)
    client.user_agent = USER_AGENT
    return client


def _proxy(host: str) -> str | None:
    """The proxy that the environment names for the API server."""
    url = urlsplit(host)
    return None if proxy_bypass(url.netloc) else getproxies().get(url.scheme)
