# Sourced by `cluster`: says in one sentence what this machine lacks, and restores what the kubelet changes on it.
check_machine() {
	[ "$(uname -sm)" = "Linux x86_64" ] || die "the local cluster needs Linux on x86_64, and this is $(uname -sm): use an existing cluster with CONTEXT=name"
	[[ $CLUSTER_NAME =~ ^[a-z][a-z0-9-]{0,11}$ ]] || die "CLUSTER_NAME '$CLUSTER_NAME' must have at most 12 lowercase letters, digits and dashes, a letter first"
	[[ $CLUSTER_NETWORK =~ ^[0-9]{1,3}\.[0-9]{1,3}$ ]] || die "CLUSTER_NETWORK '$CLUSTER_NETWORK' is not the first half of an address, such as 10.99"
	case $(realpath -m "$STATE")/ in /var/* | /run/*) die "the cluster's state must not be under /var or /run: set XDG_CACHE_HOME" ;; esac
	check_cgroups
	needs_disk 2 "for a running cluster"
	get_packages "$CONTROL_NEEDS $NODE_NEEDS"
	check_kernel
}

check_cgroups() {
	local controller
	for controller in cpu cpuset memory pids; do
		if is_cgroup_v2; then grep -qw "$controller" /sys/fs/cgroup/cgroup.controllers; else [ -w "/sys/fs/cgroup/$controller" ]; fi ||
			die "the cgroup controller '$controller' is missing or not writable: run on the machine itself, or in a privileged container"
	done
}
is_cgroup_v2() { [ -e /sys/fs/cgroup/cgroup.controllers ]; }

# Tries what a node needs from the kernel, in namespaces that end with the trial.
check_kernel() {
	local missing
	modprobe -qa overlay br_netfilter veth nf_tables 2>/dev/null || true
	mkdir -p "$STATE/trial"/{lower,upper,work,mount}
	# shellcheck disable=SC2016 # for the inner shell
	missing=$(cd "$STATE/trial" && unshare --mount --pid --net --fork --mount-proc --propagation private bash -c '
		need() { "${@:2}" >/dev/null 2>&1 || echo "$1"; }
		need "overlay file systems on this disk" mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work mount
		need "virtual Ethernet pairs (veth)" ip link add trial0 type veth peer name trial1
		need "network bridges" ip link add trial2 type bridge
		need "nftables" nft add table inet trial' 2>/dev/null | head -n 1) ||
		die "this machine does not let root create namespaces: run on the machine itself, or in a privileged container"
	rm -rf "$STATE/trial"
	[ -z "$missing" ] || die "this kernel has no $missing"
	missing=$(ip -4 route show root "$CLUSTER_NETWORK.0.0/16" | grep -v "dev $LINK" | head -n 1) || true
	[ -z "$missing" ] || die "$CLUSTER_NETWORK.0.0/16 is in use here (${missing% }): set CLUSTER_NETWORK to the first half of a free network, such as 10.98"
}

# The kubelet sets these for the whole machine.
SYSCTLS="vm/overcommit_memory kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes"
save_sysctls() {
	local name
	[ ! -e "$STATE/sysctls" ] || return 0
	for name in $SYSCTLS; do
		[ ! -e "/proc/sys/$name" ] || echo "$name $(cat "/proc/sys/$name")"
	done >"$STATE/sysctls"
}
restore_sysctls() {
	local name value
	[ -e "$STATE/sysctls" ] || return 0
	while read -r name value; do echo "$value" >"/proc/sys/$name"; done <"$STATE/sysctls"
	rm "$STATE/sysctls"
}

cgroups() {  # our cgroups, deepest first
	find /sys/fs/cgroup"$CGROUP" /sys/fs/cgroup/*"$CGROUP" -depth -type d 2>/dev/null || true
}
make_cgroups() {
	local controller
	if is_cgroup_v2; then
		mkdir -p "/sys/fs/cgroup$CGROUP"
		for controller in $(</sys/fs/cgroup/cgroup.controllers); do
			echo "+$controller" | tee /sys/fs/cgroup/cgroup.subtree_control "/sys/fs/cgroup$CGROUP/cgroup.subtree_control" >/dev/null || true
		done
	else
		for controller in /sys/fs/cgroup/*/; do
			[ "$(stat -fc %T "$controller")" != cgroupfs ] || mkdir -p "$controller$CGROUP"
		done
	fi
	share_cpu
}
share_cpu() {  # ten times what another session gets; of it the control plane as much as the pods of a node of four cores
	local folder=/sys/fs/cgroup/cpu$CGROUP file=cpu.shares all=10240 system=4096
	! is_cgroup_v2 || { folder=/sys/fs/cgroup$CGROUP file=cpu.weight all=1000 system=157; }
	SYSTEM_CGROUP=$folder/system
	mkdir -p "$SYSTEM_CGROUP"
	echo "$all" >"$folder/$file"
	echo "$system" >"$SYSTEM_CGROUP/$file"
}
remove_cgroups() {
	local try
	for try in {1..50}; do
		cgroups | xargs -r rmdir 2>/dev/null || true
		[ -n "$(cgroups)" ] || return 0
		sleep 0.1
	done
	die "could not remove the cgroups: $(cgroups | head -n 1)"
}
