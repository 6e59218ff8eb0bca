"""The configured `kubernetes` client: by KUBECONFIG where there is one, else by the pod's service account."""

from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.config import ConfigException, load_incluster_config, load_kube_config

USER_AGENT = "noria-operator"


async def connect() -> ApiClient:
    """A client of the cluster that this process is told of."""
    configuration = Configuration()
    try:
        await load_kube_config(client_configuration=configuration)  # type: ignore[no-untyped-call]  # upstream
    except (ConfigException, FileNotFoundError):
        load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]  # upstream
    client = ApiClient(configuration)
    client.user_agent = USER_AGENT
    return client
