#!/usr/bin/env bash
# base.sh TAR: writes the files of a small Debian 12 with Python 3.11, what python:3.11-slim-bookworm is where registries can be reached.
set -euo pipefail
suite=bookworm
command -v debootstrap >/dev/null || { echo "debootstrap is needed: apt-get install debootstrap" >&2; exit 1; }
mirror=
if grep -q '^ID=debian' /etc/os-release; then  # the mirror that this machine uses has every release
	# shellcheck disable=SC2016 # apt's own variables
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)
fi
work=$(mktemp -d "$1.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates,netbase,tzdata "$suite" "$work/root" ${mirror:+"$mirror"}
cd "$work/root"
rm -rf var/cache/apt/* var/lib/apt/lists/* var/log/* usr/share/{doc,man,locale,info}/* dev/* proc/* sys/* run/* tmp/*
tar --sort=name --numeric-owner -cf "$1.partial" .
mv "$1.partial" "$1"
