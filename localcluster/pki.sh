# Sourced: makes the keys, certificates and kubeconfigs of a cluster under $STATE; needs $API_IP and $API_PORT.
ca() {  # ca NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=$1" \
		-keyout "$PKI/$1.key" -out "$PKI/$1.crt" 2>/dev/null
}
cert() {  # cert CA NAME SUBJECT USAGE [SAN]
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$3" -keyout "$PKI/$2.key" 2>/dev/null |
		openssl x509 -req -days 3650 -CA "$PKI/$1.crt" -CAkey "$PKI/$1.key" -out "$PKI/$2.crt" \
			-extfile <(printf 'keyUsage=digitalSignature\nextendedKeyUsage=%s\n%s\n' "$4" "${5:+subjectAltName=$5}") 2>/dev/null
}
kubeconfig() {  # kubeconfig NAME: with the certificate of that name inside
	cat >"$STATE/$1.conf" <<-END
		apiVersion: v1
		kind: Config
		current-context: $CLUSTER_NAME
		clusters: [{name: $CLUSTER_NAME, cluster: {server: "https://$API_IP:$API_PORT", certificate-authority-data: $(base64 -w0 "$PKI/ca.crt")}}]
		contexts: [{name: $CLUSTER_NAME, context: {cluster: $CLUSTER_NAME, user: $1}}]
		users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$PKI/$1.crt"), client-key-data: $(base64 -w0 "$PKI/$1.key")}}]
	END
}
make_pki() {
	[ ! -e "$PKI/sa.pub" ] || return 0
	local name k=kubernetes.default
	mkdir -p "$PKI"
	umask 077
	for name in ca etcd-ca front-proxy-ca; do ca "$name"; done
	cert ca apiserver /CN=kube-apiserver serverAuth \
		"DNS:kubernetes,DNS:$k,DNS:$k.svc,DNS:$k.svc.cluster.local,DNS:localhost,IP:127.0.0.1,IP:$API_SERVICE_IP,IP:$API_IP"
	cert ca apiserver-kubelet /O=system:masters/CN=kube-apiserver-kubelet clientAuth
	cert etcd-ca etcd /CN=etcd serverAuth,clientAuth IP:127.0.0.1
	cert etcd-ca apiserver-etcd /CN=kube-apiserver clientAuth
	cert front-proxy-ca front-proxy /CN=front-proxy clientAuth
	cert ca kubelet "/O=system:nodes/CN=system:node:$CLUSTER_NAME" serverAuth,clientAuth "DNS:$CLUSTER_NAME,IP:$NODE_IP"
	cert ca admin /O=system:masters/CN=admin clientAuth
	cert ca controller-manager /CN=system:kube-controller-manager clientAuth
	cert ca scheduler /CN=system:kube-scheduler clientAuth
	cert ca proxy /CN=system:kube-proxy clientAuth
	for name in admin controller-manager scheduler kubelet proxy; do kubeconfig "$name"; done
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$PKI/sa.key" 2>/dev/null
	openssl pkey -in "$PKI/sa.key" -pubout -out "$PKI/sa.pub"
	umask 022
}
