# Sourced by the node and by the control plane without one: what etcd, API server, controllers and scheduler are started with.
# Needs $API_IP, $API_PORT, $ETCD_PORT and a function `run NAME COMMAND...`.
run_etcd() {
	local url=https://127.0.0.1:$ETCD_PORT peer=http://127.0.0.1:$((ETCD_PORT + 1))
	# No fsync: state survives every kill of a process, and a power cut costs a test cluster at the most.
	run etcd "$(program etcd)" --name="$CLUSTER_NAME" --data-dir="$STATE/etcd" --log-level=warn --unsafe-no-fsync \
		--listen-client-urls="$url" --advertise-client-urls="$url" --client-cert-auth \
		--listen-peer-urls="$peer" --initial-advertise-peer-urls="$peer" --initial-cluster="$CLUSTER_NAME=$peer" \
		--cert-file="$PKI/etcd.crt" --key-file="$PKI/etcd.key" --trusted-ca-file="$PKI/etcd-ca.crt"
}
run_api_server() {  # run_api_server FLAG...
	# Its collector takes an eighth of its time; memory is less scarce on a small machine than cores.
	# shellcheck disable=SC2086 # CLUSTER_API_FLAGS are words
	GOGC=${GOGC:-300} run kube-apiserver "$(program kube-apiserver)" \
		--bind-address="$API_IP" --advertise-address="$API_IP" --secure-port="$API_PORT" \
		--etcd-servers="https://127.0.0.1:$ETCD_PORT" --etcd-cafile="$PKI/etcd-ca.crt" \
		--etcd-certfile="$PKI/apiserver-etcd.crt" --etcd-keyfile="$PKI/apiserver-etcd.key" \
		--tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" \
		--client-ca-file="$PKI/ca.crt" --anonymous-auth=false --profiling=false --allow-privileged \
		--authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
		--service-cluster-ip-range="$SERVICE_CIDR" \
		--service-account-issuer=https://kubernetes.default.svc.cluster.local \
		--service-account-key-file="$PKI/sa.pub" --service-account-signing-key-file="$PKI/sa.key" \
		--kubelet-certificate-authority="$PKI/ca.crt" --kubelet-preferred-address-types=InternalIP \
		--kubelet-client-certificate="$PKI/apiserver-kubelet.crt" --kubelet-client-key="$PKI/apiserver-kubelet.key" \
		--requestheader-client-ca-file="$PKI/front-proxy-ca.crt" --requestheader-allowed-names=front-proxy \
		--requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
		--requestheader-extra-headers-prefix=X-Remote-Extra- \
		--proxy-client-cert-file="$PKI/front-proxy.crt" --proxy-client-key-file="$PKI/front-proxy.key" \
		${CLUSTER_AUDIT:+--audit-policy-file="$CLUSTER_HOME/audit.yaml" --audit-log-path="$STATE/log/audit.log"} \
		"$@" ${CLUSTER_API_FLAGS:-}
}
api_ready() { kubectl --kubeconfig "$STATE/admin.conf" get --raw=/readyz >/dev/null 2>&1; }
wait_for_api() {  # wait_for_api SECONDS
	local limit=$((SECONDS + $1))
	until api_ready; do
		[ $SECONDS -lt $limit ] || return 1
		sleep 0.1
	done
}
run_controller_manager() {  # run_controller_manager PORT
	run kube-controller-manager "$(program kube-controller-manager)" --kubeconfig="$STATE/controller-manager.conf" \
		--authentication-kubeconfig="$STATE/controller-manager.conf" --authorization-kubeconfig="$STATE/controller-manager.conf" \
		--bind-address=127.0.0.1 --secure-port="$1" --leader-elect=false --profiling=false \
		--use-service-account-credentials --root-ca-file="$PKI/ca.crt" --service-account-private-key-file="$PKI/sa.key" \
		--cluster-signing-cert-file="$PKI/ca.crt" --cluster-signing-key-file="$PKI/ca.key"
}
run_scheduler() {  # run_scheduler PORT
	run kube-scheduler "$(program kube-scheduler)" --kubeconfig="$STATE/scheduler.conf" \
		--authentication-kubeconfig="$STATE/scheduler.conf" --authorization-kubeconfig="$STATE/scheduler.conf" \
		--bind-address=127.0.0.1 --secure-port="$1" --leader-elect=false --profiling=false
}
