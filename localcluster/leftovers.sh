#!/usr/bin/env bash
# Lists what a cluster left on this machine, one per line, and fails if there is anything. For use after `cluster down`.
set -uo pipefail
. "$(dirname "$0")/common.sh"
. "$CLUSTER_HOME/machine.sh"
found() { sed "s|^|$1 |"; }
{
	grep -lF ":$CGROUP" /proc/[0-9]*/cgroup 2>/dev/null | cut -d/ -f3 | found "process in our cgroup:"
	grep -lE "/$(basename "$STATE")/var /var " /proc/[0-9]*/mountinfo 2>/dev/null | cut -d/ -f3 | found "process in our mount namespace:"
	grep -F "$STATE" /proc/self/mountinfo | cut -d' ' -f5 | found "mount:"
	ip -o link show "$LINK" 2>/dev/null | cut -d' ' -f2 | found "network device:"
	ip -4 route show root "$CLUSTER_NETWORK.0.0/16" | found "route:"
	cgroups | found "cgroup:"
	[ ! -e "$STATE/sysctls" ] || found "kernel setting not restored:" <"$STATE/sysctls"
} | { ! grep .; }
