#!/bin/sh
# Copies a data set from another site's bucket, once: the manifest is written last, and who finds it does nothing.
# FROM, TO: addresses (s3://, gs://, abfss://).
# Exit: 0 it is here, 75 try again.
set -eu
# It stands beside this script.
# shellcheck disable=SC1091
. /portolan/scripts/remote.sh

there=$(remote "$FROM")
here=$(remote "$TO")
manifest=$here/_MANIFEST.json

if [ -n "$(rclone lsf "$manifest" 2>/dev/null)" ]; then
	echo "already here"
	exit 0
fi
rclone copy --checksum --exclude /_MANIFEST.json "$there" "$here" || exit 75
rclone check --one-way --exclude /_MANIFEST.json "$there" "$here" || exit 75
rclone lsjson --recursive --files-only --hash "$here" >/tmp/manifest.json || exit 75
# The first manifest wins.
rclone copyto --ignore-existing /tmp/manifest.json "$manifest" || exit 75
