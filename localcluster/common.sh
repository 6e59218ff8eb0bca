# Sourced by the scripts here: their settings, addresses and output functions.
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
HOST_IP=$CLUSTER_NETWORK.0.1  # of the machine, on its end of the only link into the node
NODE_IP=$CLUSTER_NETWORK.0.2
SERVICE_CIDR=$CLUSTER_NETWORK.64.0/18
API_SERVICE_IP=$CLUSTER_NETWORK.64.1
DNS_IP=$CLUSTER_NETWORK.64.10
POD_CIDR=$CLUSTER_NETWORK.128.0/24
LINK=${CLUSTER_NAME}0         # the machine's end of that link
CGROUP=/$CLUSTER_NAME         # parent of every pod's cgroup
STATE=$CLUSTER_STATE
PKI=$STATE/pki

say() { echo "cluster: $*"; }
die() { echo "cluster: $*" >&2; exit 1; }

# started PID: when it started, in ticks since boot. PID and start time together identify a process for good.
# Prints nothing for a dead one, zombies included.
started() { awk '$3 != "Z" {print $22}' "/proc/$1/stat" 2>/dev/null; }

# progress TEXT LOG COMMAND...: runs COMMAND with its output in LOG, and reports progress every ten seconds
progress() {
	local text=$1 log=$2 begin=$SECONDS next=10 pid; shift 2
	say "$text ..."
	mkdir -p "$(dirname "$log")"
	set -m  # a process group of its own, so that all of it can be ended
	"$@" >"$log" 2>&1 </dev/null & pid=$!
	set +m
	trap 'kill -- "-$pid" 2>/dev/null; exit 130' INT TERM
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.2
		[ $((SECONDS - begin)) -lt $next ] || { say "$text: $((SECONDS - begin)) s$(lines "$log")"; next=$((next + 10)); }
	done
	wait "$pid" || { tail -n 20 "$log" >&2; die "$text failed; see the full log in $log"; }
	trap - INT TERM
}

lines() { [ ! -s "$1" ] || echo ", $(wc -l <"$1") steps"; }

# locked NAME: holds the lock NAME until this script ends
locked() {
	mkdir -p "$CACHE/cluster"
	exec {LOCK}>"$CACHE/cluster/.$1.lock"
	flock --nonblock "$LOCK" || { say "waiting for another process that works on $1 ..." && flock "$LOCK"; }
}
