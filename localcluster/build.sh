#!/usr/bin/env bash
# build.sh DIR: builds the cluster's programs from the Go module in go/ into DIR, and the images of those that run as pods.
# Go is the machine's where that is new enough, else the one that go.txt pins.
set -euo pipefail
out=$1
cd "$(dirname "$0")"
here=$PWD
minor=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
if [ "${minor:-0}" -lt 24 ]; then
	go=$(dirname "$out")/go-$(sha256sum <go.txt | cut -c1-12)
	[ -x "$go/go/bin/go" ] || ./fetch.sh go.txt "$go"
	PATH=$go/go/bin:$PATH
fi
mkdir -p "$out.partial/images"
cd go
export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS= GOGC=${GOGC:-400}  # the compiler is an eighth faster when it collects less
version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
minor=${version#v1.}
minor=${minor%%.*}
v=k8s.io/component-base/version
go build -v -trimpath -buildvcs=false -o "$out.partial/" \
	-ldflags "-s -w -X $v.gitVersion=$version -X $v.gitMajor=1 -X $v.gitMinor=$minor" ./cmd/...
cd "$out.partial"
for component in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy; do ln -sf kube "$component"; done
for program in pause coredns metrics-server; do
	python3 "$here/image.py" "$program" "localhost/$program:dev" "images/$program.tar"
done
rm -rf "$out"
mv "$out.partial" "$out"
