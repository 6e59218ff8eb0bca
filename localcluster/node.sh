#!/usr/bin/env bash
# PID 1 of the node, in mount, pid and network namespaces of its own: nothing below outlives it or touches the machine.
# Started by `cluster up`; keeps every component running.
set -euo pipefail
. "$(dirname "$0")/common.sh"
for part in programs components; do . "$CLUSTER_HOME/$part.sh"; done
API_IP=$NODE_IP API_PORT=6443 ETCD_PORT=2379
USER_OF_CONTROL_PLANE=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups --no-new-privs --inh-caps=-all)

mounts() {
	mount --make-rprivate /
	mount -t tmpfs -o mode=755 run /run
	mkdir -p /run/cluster "$STATE"/var/{lib,log,cache,tmp,spool}
	ln -sfn /run "$STATE/var/run"
	mount --bind "$STATE" /run/cluster  # the control plane's user can read it there, wherever STATE is
	mount --bind "$STATE/var" /var      # the hard-wired /var/lib/kubelet, /var/lib/cni and /var/log/containers are ours so
	mount --bind /run/cluster/resolv.conf /etc/resolv.conf  # no registry is in reach: say so at once
	mount --make-rshared /
}
network() {
	ip link set lo up
	until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done
	ip addr add "$NODE_IP/30" dev eth0
	ip link set eth0 up
	ip route add default via "$HOST_IP"
	echo 1 >/proc/sys/net/ipv4/ip_forward
	[ ! -e /proc/sys/net/bridge ] || echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
}

declare -A command component
run() {  # run NAME COMMAND...: from now on, as $AS where that is set
	local name=$1
	shift
	command[$name]=$(printf '%q ' "${AS[@]}" "$@")
	start "$name"
}
start() {  # start NAME [BEFORE]: after the function BEFORE, where one is named
	(
		${2:-:} "$1"
		eval "exec ${command[$1]}"
	) >>"$STATE/log/$1.log" 2>&1 </dev/null &
	component[$!]=$1
}
again() {  # again NAME: controllers give up where they cannot read what the API server's start makes
	sleep 1
	case $1 in kube-controller-manager | kube-scheduler | kube-proxy) wait_for_api 120 ;; esac
}
keep_running() {  # not by `wait -n`, which loses those that end together
	local pid
	while sleep 0.5; do
		for pid in "${!component[@]}"; do
			kill -0 "$pid" 2>/dev/null || { start "${component[$pid]}" again && unset "component[$pid]"; }
		done
	done
}

mounts
network
STATE=/run/cluster PKI=/run/cluster/pki
AS=()
run containerd containerd --config "$STATE/containerd.toml"
AS=("${USER_OF_CONTROL_PLANE[@]}")
run_etcd
run_api_server
wait_for_api 120  # as `again` says, here once for all
run_controller_manager 10257
run_scheduler 10259
AS=()
until [ -S "$STATE/containerd.sock" ]; do sleep 0.1; done
run kubelet "$(program kubelet)" --config="$STATE/kubelet.yaml" --kubeconfig="$STATE/kubelet.conf" \
	--hostname-override="$CLUSTER_NAME" --node-ip="$NODE_IP"
run kube-proxy "$(program kube-proxy)" --config="$STATE/kube-proxy.yaml" --hostname-override="$CLUSTER_NAME"
keep_running
