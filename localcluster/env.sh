# Settings of the local cluster, sourced by every script here. You can source it too: `source localcluster/env.sh` puts the
# cluster's versions of kubectl, helm and weed first on PATH, and sets KUBECONFIG to the cluster's.
CLUSTER_NAME=${CLUSTER_NAME:-noria}        # name of node, network link and cgroup; at most 12 characters
CLUSTER_NETWORK=${CLUSTER_NETWORK:-10.99}  # first half of a /16 network that the machine does not use
CONTROL_PORT=${CONTROL_PORT:-16440}        # first of the five ports of the control plane without a node

CLUSTER_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/noria
CLUSTER_STATE=${CLUSTER_STATE:-$CACHE/cluster/$CLUSTER_NAME}  # everything a running cluster writes
CLUSTER_BIN=$CACHE/cluster/bin-$(cd "$CLUSTER_HOME" && find go build.sh -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)
CLUSTER_TOOLS=$CACHE/cluster/tools-$(cat "$CLUSTER_HOME/tools.txt" "$CLUSTER_HOME/../images/seaweedfs.txt" | sha256sum | cut -c1-12)
KUBECONFIG=$CLUSTER_STATE/admin.conf
case :$PATH: in *":$CLUSTER_TOOLS:"*) ;; *) PATH=$CLUSTER_TOOLS:${KUBEBUILDER_ASSETS:+$KUBEBUILDER_ASSETS:}$PATH ;; esac
export KUBECONFIG PATH
