#!/usr/bin/env bash
# build.sh [--load]: builds Noria's images. With --load it also loads them into the cluster and writes localcluster/values.yaml,
# the chart values that name them.
#   CONTEXT=name    the cluster to load them into: kind-* with `kind load`, any other by a push to REGISTRY; by default the local one
#   REGISTRY=...    prefix of the images' names, for a push
#   BUILDER=...     docker, podman, or (only without CONTEXT) buildah, as root and without any registry
#   GPU=yes         also builds the GPU trainer, about 6 GB
set -euo pipefail
cd "$(dirname "$0")/.."
. localcluster/common.sh
. localcluster/programs.sh
. tools/uv.sh
. images/give.sh
say() { echo "images: $*"; }

IMAGES=(operator trainer server seaweedfs)
[ -n "${BUILDER:-}" ] || for BUILDER in docker podman buildah; do
	[ "$BUILDER" != buildah ] && [ -z "${CONTEXT:-}" ] || ! command -v "$BUILDER" >/dev/null || break
done
BASE=python:3.11-slim-bookworm
store=$CACHE/images
requirements=(requirements/{operator,serving,trainers}.txt images/seaweedfs.txt)
[ "${GPU:-no}" = no ] || { IMAGES+=(trainer-gpu) && requirements+=(requirements/trainers-gpu.txt); }
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
# Packages are fetched here, with the installer's own settings, so that builds need no network. Most are already in its cache
# from the development environment.
get_packages_of_images() {
	local stamp
	stamp=$store/fetched-$(cat "${requirements[@]}" | sha256sum | cut -c1-12)
	[ ! -e "$stamp" ] || return 0
	needs_disk 10 "to build the images"
	progress "Python packages of the images" "$store/fetch.log" fetch
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
build() {  # build IMAGE
	local tensorflow=cpu flags
	case $1 in *-gpu) tensorflow=gpu ;; esac
	# TENSORFLOW is always set: buildah picks the stages before it reads the Containerfile's defaults
	flags=(--file images/Containerfile --target "${1%-gpu}" --tag "$(name "$1"):dev" --build-arg "TENSORFLOW=$tensorflow")
	case $BUILDER in
	buildah) buildah build --pull-never --layers "${flags[@]}" --ignorefile images/Containerfile.dockerignore --volume "$store/wheels:/wheels:ro" \
		--volume "$("$uv" cache dir):/cache" --build-arg "BASE=localhost/$BASE" --build-arg PIP_NO_INDEX=1 --build-arg PIP_FIND_LINKS=/wheels \
		--build-arg "MOMENT=$(date +%s%N)" --build-arg UV_OFFLINE=1 --build-arg UV_CACHE_DIR=/cache . ;;
	podman) podman build --layers "${flags[@]}" --ignorefile images/Containerfile.dockerignore . ;;
	docker) DOCKER_BUILDKIT=1 docker build "${flags[@]}" . ;;
	esac
}
# sources IMAGE: a digest of all that the image is built from, so that an unchanged one is not built again
sources() {
	local code=(pyproject.toml operator/noria store/noria_store trainers/noria_trainers serving/noria_serving cli/noria_cli "${requirements[@]}") files
	[ "$1" != seaweedfs ] || code=(images/seaweedfs.txt)
	mapfile -t files < <(find "${code[@]}" requirements/build.txt images/{Containerfile,install.sh,base.sh} -type f ! -path '*/__pycache__/*' | LC_ALL=C sort)
	sha256sum "${files[@]}" | sha256sum | cut -c1-12
}
make() {  # make IMAGE
	local digest stamp=$store/$BUILDER-$1
	digest=$(sources "$1")
	if [ "$(cat "$stamp" 2>/dev/null)" != "$digest" ] || ! identity "$1" >/dev/null 2>&1; then
		progress "$1" "$store/$1.log" build "$1"
		echo "$digest" >"$stamp"
	fi
	say "$1: $(size "$1")"
}
identity() {  # identity IMAGE: twelve digits that change whenever the image does
	case $BUILDER in
	buildah) buildah inspect --type image --format '{{.FromImageID}}' "$(name "$1"):dev" ;;
	*) "$BUILDER" image inspect --format '{{.Id}}' "$(name "$1"):dev" ;;
	esac | sed 's/^sha256://' | cut -c1-12
}

size() {  # size IMAGE: in MB, with all its layers
	case $BUILDER in
	buildah) buildah images --json "$(name "$1"):dev" | sed -n 's/.*"size": "\(.*\)".*/\1/p' | head -n 1 ;;
	*) echo "$(($("$BUILDER" image inspect --format '{{.Size}}' "$(name "$1"):dev") / 1000000)) MB" ;;
	esac
}

prepare() {
	[ "$(id -u)" = 0 ] || die "buildah needs root to build images: run this as root or with sudo, or set BUILDER=docker or podman"
	get_packages "buildah:buildah skopeo:skopeo debootstrap:debootstrap"
	get_python
	make_base
	get_packages_of_images
}

main() {
	local image
	mkdir -p "$store"
	[ "$BUILDER" != buildah ] || prepare
	for image in "${IMAGES[@]}"; do make "$image"; done
	[ "${1:-}" != --load ] || give_all
}
locked images
main "$@"
