# shellcheck shell=sh
# How rclone is told an address. The cloud's own identity of the pod is used, no key.

export RCLONE_CONFIG=/tmp/rclone.conf
# Buckets exist; asking whether they do takes rights that the pod does not have.
export RCLONE_S3_NO_CHECK_BUCKET=true RCLONE_GCS_NO_CHECK_BUCKET=true RCLONE_AZUREBLOB_NO_CHECK_CONTAINER=true

# What rclone calls an address (s3://, gs://, abfss://). A bucket with dots is a host of one's own with its bucket.
remote() {
	rest=${1#*://}
	host=${rest%%/*}
	key=${rest#*/}
	case $1 in
	s3://*) case $host in
		*.*) echo ":s3,provider=Other,env_auth=true,endpoint=\"https://$host\":$key" ;;
		*) echo ":s3,provider=AWS,env_auth=true:$rest" ;;
		esac ;;
	gs://*) echo ":gcs,env_auth=true,bucket_policy_only=true:$rest" ;;
	abfss://*)
		account=${host#*@}
		echo ":azureblob,env_auth=true,account=${account%%.*}:${host%%@*}/$key"
		;;
	*)
		echo "no object storage: $1" >&2
		return 64
		;;
	esac
}
