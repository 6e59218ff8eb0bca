# Sourced by build.sh: loads the images into a cluster, tagged by content, so that pods with older ones are replaced.
given() { echo "$(name "$1"):$(identity "$1")"; }

give_all() {
	local image
	case ${CONTEXT:-} in
	"") localcluster/cluster up ;;
	kind-*) ;;
	*) [ -n "${REGISTRY:-}" ] || die "the cluster of '$CONTEXT' pulls from a registry: set REGISTRY to the prefix of the images' names" ;;
	esac
	for image in "${IMAGES[@]}"; do
		"$BUILDER" tag "$(name "$image"):dev" "$(given "$image")"
		give "$(given "$image")" "$image"
	done
	chart_values >localcluster/values.yaml
}
give() {  # give NAME IMAGE
	case ${CONTEXT:-} in
	"") localcluster/cluster ctr images ls -q | grep -qxF "$1" || progress "$2 to the cluster" "$store/give.log" give_local "$1" ;;
	kind-*) progress "$2 to kind" "$store/give.log" give_kind "$1" ;;
	*) progress "$2 to $REGISTRY" "$store/give.log" "$BUILDER" push "$1" ;;
	esac
}
give_local() {  # give_local NAME
	# Unlike buildah, skopeo can leave layers as they are: those that the folder has are not written again.
	unshare --mount --propagation private skopeo copy --quiet --dest-oci-accept-uncompressed-layers \
		"containers-storage:[overlay@$store/storage+$store/run]$1" "oci:$store/layout:$1"
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
chart_values() {
	cat <<-END
		# Written by images/build.sh: chart values that name the images last loaded into the cluster.
		images:
		  operator: $(given operator)
		  trainer: $(given trainer)
		  server: $(given server)
		  trainerGPU: "$([ "${GPU:-no}" = no ] || given trainer-gpu)"
		objectStore: {embedded: {image: "$(given seaweedfs)"}}
		$([ -n "${CONTEXT:-}" ] || echo "serving: {defaultType: Noria}  # its nodes can pull no image, TensorFlow Serving's neither")
	END
}
