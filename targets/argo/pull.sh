#!/bin/sh
# Copies a data set from another site's bucket, once: the manifest is written last, and who finds it does nothing.
# FROM, TO: addresses (s3://, gs://, abfss://). The cloud's own identity of the pod is used, no key.
# Exit: 0 it is here, 75 try again.
set -eu

export RCLONE_CONFIG=/tmp/rclone.conf
# Buckets exist; asking whether they do takes rights that the pod does not have.
export RCLONE_S3_NO_CHECK_BUCKET=true RCLONE_GCS_NO_CHECK_BUCKET=true RCLONE_AZUREBLOB_NO_CHECK_CONTAINER=true

# What rclone calls an address.
remote() {
	rest=${1#*://}
	host=${rest%%/*}
	key=${rest#*/}
	case $1 in
	s3://*.*/*/*) echo ":s3,provider=Other,env_auth=true,endpoint=\"https://$host\":$key" ;;
	s3://*.*) echo ":s3,provider=Other,env_auth=true,endpoint=\"https://$host\":$key" ;;
	s3://*) echo ":s3,provider=AWS,env_auth=true:$rest" ;;
	gs://*) echo ":gcs,env_auth=true,bucket_policy_only=true:$rest" ;;
	abfss://*)
		account=${host#*@}
		echo ":azureblob,env_auth=true,account=${account%%.*}:${host%%@*}/$key"
		;;
	*)
		echo "no object storage: $1" >&2
		exit 64
		;;
	esac
}

from=$(remote "$FROM")
to=$(remote "$TO")
manifest=$to/_MANIFEST.json

if [ -n "$(rclone lsf "$manifest" 2>/dev/null)" ]; then
	echo "already here"
	exit 0
fi
rclone copy --checksum --exclude /_MANIFEST.json "$from" "$to" || exit 75
rclone check --one-way --exclude /_MANIFEST.json "$from" "$to" || exit 75
rclone lsjson --recursive --files-only --hash "$to" >/tmp/manifest.json || exit 75
# The first manifest wins.
rclone copyto --ignore-existing /tmp/manifest.json "$manifest" || exit 75
