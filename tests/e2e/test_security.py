"""What Noria may do in a cluster, and how its own pods are admitted."""

import json

from e2e.objects import BUCKET, SYSTEM, script_pod
from kubectl import Kubectl

KNOCK = """
import json, socket, ssl, sys, urllib.error, urllib.request
host, bucket = sys.argv[1:]

def is_open(port):
    with socket.socket() as door:
        door.settimeout(5)
        return door.connect_ex((host, port)) == 0

def grpc_without_certificate():
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    try:
        with socket.create_connection((host, 18333), 10) as plain, context.wrap_socket(plain) as wrapped:
            return f"answers {wrapped.recv(9)!r}"
    except (ssl.SSLError, ConnectionError):
        return "refused"

def s3_without_keys():
    try:
        return urllib.request.urlopen(f"http://{host}:8333/{bucket}/", timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code

opened = [port for port in range(1, 65536) if is_open(port)]
print(json.dumps({"open": opened, "s3": s3_without_keys(), "grpc": grpc_without_certificate()}))
"""


def account(noria: Kubectl) -> str:
    """The operator's user name."""
    name = noria.get("deployment", "noria")["spec"]["template"]["spec"]["serviceAccountName"]
    return f"system:serviceaccount:{SYSTEM}:{name}"


def test_the_operator_has_no_access_to_secrets(noria: Kubectl) -> None:
    rules = noria.run("auth", "can-i", "--list", f"--as={account(noria)}")
    assert "jobs.batch" in rules
    assert "secrets" not in rules
    assert "*.*" not in rules


def test_noria_itself_runs_where_only_restricted_pods_may(noria: Kubectl) -> None:
    label = "pod-security.kubernetes.io/enforce=restricted"
    noria.run("label", "namespace", SYSTEM, label, "--overwrite")
    pods = noria.list("pod", "app.kubernetes.io/part-of=noria")
    assert pods
    for pod in pods:
        noria.run("create", "--dry-run=server", "-f", "-", input=restricted_copy(pod))


def restricted_copy(pod: dict[str, object]) -> str:
    """The pod under another name, for the API server to judge again."""
    spec = dict(pod["spec"])  # type: ignore[call-overload]  # a pod has a spec
    spec.pop("nodeName")
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "judged"}, "spec": spec})


def test_a_pod_of_another_namespace_finds_every_port_of_the_store_shut(noria: Kubectl, namespace: Kubectl) -> None:
    (store,) = noria.list("pod", "app.kubernetes.io/component=object-store")
    image = noria.get("deployment", "noria")["spec"]["template"]["spec"]["containers"][0]["image"]
    namespace.apply(script_pod("knock", image, KNOCK, store["status"]["podIP"], BUCKET))
    namespace.wait("pod", "knock", lambda found: found["status"]["phase"] in ("Succeeded", "Failed"), timeout=180)
    found = json.loads(namespace.run("logs", "knock"))
    assert found == {"open": [8333, 18333], "s3": 403, "grpc": "refused"}
