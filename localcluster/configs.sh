# Sourced by `cluster`: writes what containerd, the CNI plugins, kubelet and kube-proxy read.
write_configs() {
	mkdir -p "$STATE/cni"
	: >"$STATE/resolv.conf"
	containerd_config >"$STATE/containerd.toml"
	cni_config >"$STATE/cni/10-bridge.conflist"
	kubelet_config >"$STATE/kubelet.yaml"
	proxy_config >"$STATE/kube-proxy.yaml"
}
containerd_config() {
	# restrict_oom_score_adj: without CAP_SYS_RESOURCE no sandbox would start
	cat <<-END
		version = 2
		disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.tracing"]
		[grpc]
		  address = "/run/cluster/containerd.sock"
		[plugins."io.containerd.internal.v1.opt"]
		  path = "/var/lib/containerd/opt"
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "localhost/pause:dev"
		  stream_server_address = "127.0.0.1"
		  stream_server_port = "0"
		  disable_apparmor = true
		  restrict_oom_score_adj = true
		  [plugins."io.containerd.grpc.v1.cri".cni]
		    bin_dir = "/usr/lib/cni"
		    conf_dir = "/run/cluster/cni"
		  [plugins."io.containerd.grpc.v1.cri".containerd]
		    snapshotter = "overlayfs"
		  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
		    runtime_type = "io.containerd.runc.v2"
	END
}
cni_config() {
	cat <<-END
		{"cniVersion": "0.4.0", "name": "pods", "plugins": [
		  {"type": "bridge", "bridge": "pods0", "isGateway": true, "hairpinMode": true, "ipMasq": false,
		   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$POD_CIDR"}]], "routes": [{"dst": "0.0.0.0/0"}], "dataDir": "/run/cni-ipam"}},
		  {"type": "loopback"}]}
	END
}
kubelet_config() {
	# images are never collected: nothing could bring them back
	cat <<-END
		apiVersion: kubelet.config.k8s.io/v1beta1
		kind: KubeletConfiguration
		address: $NODE_IP
		healthzBindAddress: 127.0.0.1
		tlsCertFile: /run/cluster/pki/kubelet.crt
		tlsPrivateKeyFile: /run/cluster/pki/kubelet.key
		authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: /run/cluster/pki/ca.crt}}
		authorization: {mode: Webhook}
		containerRuntimeEndpoint: unix:///run/cluster/containerd.sock
		cgroupDriver: cgroupfs
		cgroupRoot: $CGROUP
		failCgroupV1: false
		failSwapOn: false
		makeIPTablesUtilChains: false
		clusterDNS: [$DNS_IP]
		clusterDomain: cluster.local
		resolvConf: /run/cluster/resolv.conf
		nodeStatusUpdateFrequency: 5s
		syncFrequency: 10s
		volumePluginDir: /var/lib/kubelet/volume-plugins
		evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1%}
		imageGCHighThresholdPercent: 100
		imageGCLowThresholdPercent: 99
		imageMaximumGCAge: 0s
	END
}
proxy_config() {
	# the machine's limit of tracked connections is read-only in here
	cat <<-END
		apiVersion: kubeproxy.config.k8s.io/v1alpha1
		kind: KubeProxyConfiguration
		mode: nftables
		clientConnection: {kubeconfig: /run/cluster/proxy.conf}
		clusterCIDR: $POD_CIDR
		bindAddress: $NODE_IP
		healthzBindAddress: 127.0.0.1:10256
		metricsBindAddress: 127.0.0.1:10249
		conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
	END
}
