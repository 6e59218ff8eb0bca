#!/usr/bin/env bash
# build.sh [--load]: builds Noria's images. With --load also gives them to the cluster and writes localcluster/values.yaml, the
# chart values that name them.
#   CONTEXT=name    the cluster to give them to: kind-* by `kind load`, any other by a push to REGISTRY; none: the local cluster
#   REGISTRY=...    prefix of the images' names, for a push
#   BUILDER=...     docker, podman, or (where there is no CONTEXT) buildah, as root and without any registry
#   TENSORFLOW=gpu  the trainer for graphics cards
set -euo pipefail
cd "$(dirname "$0")/.."
. localcluster/common.sh
. localcluster/programs.sh
. hack/uv.sh
say() { echo "images: $*"; }

TARGETS=(operator trainer server seaweedfs)
BUILDER=${BUILDER:-$([ -n "${CONTEXT:-}" ] && basename "$(command -v docker podman | head -n 1)" || echo buildah)}
BASE=python:3.11-slim-bookworm
store=$CACHE/images
requirements=(requirements/{operator,serving}.txt "requirements/trainers$([ "${TENSORFLOW:-cpu}" = cpu ] || echo -gpu).txt" images/seaweedfs.txt)
name() { echo "${REGISTRY:-localhost}/noria-$1"; }

# buildah's mounts end with the command.
buildah() {
	unshare --mount --propagation private env "BUILDAH_ISOLATION=chroot" buildah --root "$store/storage" --runroot "$store/run" \
		--storage-driver overlay "$@"
}
make_base() {
	buildah inspect --type image "localhost/$BASE" >/dev/null 2>&1 && return
	local container
	progress "Debian with Python (once)" "$store/base.log" images/base.sh "$store/base.tar"
	container=$(buildah from scratch)
	buildah add --quiet "$container" "$store/base.tar" / >/dev/null
	buildah commit --quiet --rm "$container" "localhost/$BASE" >/dev/null
	rm "$store/base.tar"
}
# Packages are fetched out here, with the installer's own settings: nothing inside a build needs the network. Most are in its
# cache since the development environment was made.
get_packages_of_images() {
	local stamp
	stamp=$store/fetched-$(cat "${requirements[@]}" | sha256sum | cut -c1-12)
	[ -e "$stamp" ] || progress "Python packages of the images" "$store/fetch.log" fetch
	touch "$stamp"
}
fetch() {
	local file
	python3 -m venv "$store/pip"
	"$store/pip/bin/pip" download --progress-bar off --no-deps --require-hashes --only-binary :all: --python-version 3.11 \
		--dest "$store/wheels" -r requirements/build.txt
	for file in "${requirements[@]}"; do
		"$uv" pip install --no-progress --no-deps --require-hashes --python-version 3.11 --python-platform x86_64-manylinux_2_36 \
			--target "$store/unpacked" -r "$file"
		rm -rf "$store/unpacked"
	done
	rm -rf "$store/pip"
}
build() {  # build TARGET
	local flags=(--file images/Containerfile --target "$1" --tag "$(name "$1"):dev" --build-arg "TENSORFLOW=${TENSORFLOW:-cpu}")
	case $BUILDER in
	buildah) buildah build --pull-never --layers "${flags[@]}" --ignorefile images/Containerfile.dockerignore --volume "$store/wheels:/wheels:ro" \
		--volume "$("$uv" cache dir):/cache" --build-arg "BASE=localhost/$BASE" --build-arg PIP_NO_INDEX=1 --build-arg PIP_FIND_LINKS=/wheels \
		--build-arg "MOMENT=$(date +%s%N)" --build-arg UV_OFFLINE=1 --build-arg UV_CACHE_DIR=/cache . ;;
	podman) podman build --layers "${flags[@]}" --ignorefile images/Containerfile.dockerignore . ;;
	docker) DOCKER_BUILDKIT=1 docker build "${flags[@]}" . ;;
	esac
}
identity() {  # identity TARGET: twelve digits that change whenever the image does
	case $BUILDER in
	buildah) buildah inspect --type image --format '{{.FromImageID}}' "$(name "$1"):dev" ;;
	*) "$BUILDER" image inspect --format '{{.Id}}' "$(name "$1"):dev" ;;
	esac | sed 's/^sha256://' | cut -c1-12
}

[ "$BUILDER" != buildah ] || {
	[ "$(id -u)" = 0 ] || die "root is needed to build images with buildah: run this as root or with sudo, or set BUILDER=docker or podman"
	needs_disk 10 "for the images"
	get_packages "buildah:buildah debootstrap:debootstrap $BUILD_NEEDS"
	mkdir -p "$store"
	make_base
	get_packages_of_images
}
size() {  # size TARGET: in MB, with all its layers
	case $BUILDER in
	buildah) buildah images --json "$(name "$1"):dev" | sed -n 's/.*"size": "\(.*\)".*/\1/p' | head -n 1 ;;
	*) echo "$(($("$BUILDER" image inspect --format '{{.Size}}' "$(name "$1"):dev") / 1000000)) MB" ;;
	esac
}

# What is given away is named by what is in it, so that whoever runs an older one is rolled over to it.
given() { echo "$(name "$1"):$(identity "$1")"; }
give() {  # give NAME
	case ${CONTEXT:-} in
	"") give_local "$1" ;;
	kind-*) give_kind "$1" ;;
	*) "$BUILDER" push "$1" ;;
	esac
}
give_local() {  # give_local NAME
	localcluster/cluster ctr images ls -q | grep -qxF "$1" && return
	buildah push --quiet --compression-format zstd --compression-level 1 "$1" "oci:$store/layout:$1"
	python3 images/load.py "$store/layout" "$1" localcluster/cluster ctr
}
give_kind() {  # give_kind NAME
	local archive
	archive=$(mktemp --suffix .tar)
	case $BUILDER in
	docker) docker save --output "$archive" "$1" ;;
	*) "$BUILDER" push --quiet "$1" "docker-archive:$archive:$1" ;;
	esac
	kind load image-archive --name "${CONTEXT#kind-}" "$archive"
	rm "$archive"
}

for target in "${TARGETS[@]}"; do
	progress "$target" "$store/$target.log" build "$target"
	say "$target: $(size "$target")"
done
[ "${1:-}" = --load ] || exit 0
case ${CONTEXT:-} in
"") localcluster/cluster up ;;
kind-*) ;;
*) [ -n "${REGISTRY:-}" ] || die "the cluster of '$CONTEXT' pulls from a registry: set REGISTRY to the prefix of the images' names" ;;
esac
for target in "${TARGETS[@]}"; do
	"$BUILDER" tag "$(name "$target"):dev" "$(given "$target")"
	progress "$target to the cluster" "$store/$target.log" give "$(given "$target")"
done
cat >localcluster/values.yaml <<END
# Written by images/build.sh: chart values that name the images which the cluster was given last.
images:
  operator: $(given operator)
  trainer: $(given trainer)
  server: $(given server)
objectStore: {embedded: {image: "$(given seaweedfs)"}}
END
