# Sourced: makes sure that this machine has what the cluster runs: Debian packages, tools from PyPI, programs built from Go.

# A command (or file) that must be there, and the Debian package that brings it.
NODE_NEEDS="containerd:containerd ctr:containerd runc:runc nft:nftables ip:iproute2 conntrack:conntrack /usr/lib/cni/bridge:containernetworking-plugins"
CONTROL_NEEDS="openssl:openssl curl:curl flock:util-linux"

get_packages() {  # get_packages NEEDS; functions of that name do not count
	local need missing=()
	for need in $1; do
		[ -e "${need%%:*}" ] || type -P "${need%%:*}" >/dev/null || missing+=("${need##*:}")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
	command -v apt-get >/dev/null || die "install ${missing[*]}: this script can do so only on Debian and Ubuntu"
	[ "$(id -u)" = 0 ] || die "run 'apt-get install ${missing[*]}' as root"
	progress "Debian packages ${missing[*]}" "$CACHE/cluster/packages.log" install_packages "${missing[@]}"
}
install_packages() {
	apt-get update
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

get_python() {  # with its venv module, which Debian keeps apart
	python3 -c 'import ensurepip' 2>/dev/null || get_packages "no-such-command:python3-venv"
}

get_tools() {
	[ ! -x "$CLUSTER_TOOLS/kubectl" ] || return 0
	get_python
	progress "kubectl, helm and SeaweedFS" "$CACHE/cluster/tools.log" unpack_tools
}
unpack_tools() {
	local work=$CLUSTER_TOOLS.partial
	rm -rf "$work"
	"$CLUSTER_HOME/fetch.sh" "$CLUSTER_HOME/tools.txt" "$work/packages"
	tar -xzf "$work"/packages/aws_cdk/*/_jsii/*.tgz -C "$work" package/lib/layer.zip
	python3 -m zipfile -e "$work/package/lib/layer.zip" "$work/layer"
	mkdir -p "$work/bin"
	install -m 755 "$work/layer/kubectl/kubectl" "$work/layer/helm/helm" "$work/packages/bin/weed" "$work/bin"
	rm -rf "$CLUSTER_TOOLS"
	mv "$work/bin" "$CLUSTER_TOOLS"
	rm -rf "$work"
}

# program NAME: its path; prebuilt programs in KUBEBUILDER_ASSETS take precedence over those built here
program() {
	if [ -x "${KUBEBUILDER_ASSETS:-}/$1" ]; then echo "$KUBEBUILDER_ASSETS/$1"; else echo "$CLUSTER_BIN/$1"; fi
}
get_programs() {  # get_programs NAME...
	local name
	for name; do [ -x "$(program "$name")" ] || break; done
	[ ! -x "$(program "$name")" ] || return 0
	get_python
	needs_disk 8 "to build Kubernetes"
	progress "Kubernetes $(sed -n 's#.*k8s.io/kubernetes \(v[0-9.]*\)$#\1#p' "$CLUSTER_HOME/go/go.mod") from source, once: some 2,600 steps, 7 minutes on two cores" \
		"$CACHE/cluster/build.log" "$CLUSTER_HOME/build.sh" "$CLUSTER_BIN"
}

needs_disk() {  # needs_disk GIB PURPOSE
	local free
	mkdir -p "$CACHE"
	free=$(($(stat -f -c '%a * %S' "$CACHE") / 1024 ** 3))
	[ "$free" -ge "$1" ] || die "$1 GiB of free disk space are needed $2, and $CACHE has $free: free some, or set XDG_CACHE_HOME"
}
