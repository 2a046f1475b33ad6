#!/bin/sh
# Copies data sets to folders of the pod before its program starts.
# Arguments, for each: address, folder, and the age up to which files are wanted (as 604800s, or off).
# Exit: 0 they are here, 75 try again.
set -eu
# It stands beside this script.
# shellcheck disable=SC1091
. /portolan/scripts/remote.sh

while [ $# -gt 0 ]; do
	rclone copy --transfers 16 --max-age "$3" --exclude /_MANIFEST.json "$(remote "$1")" "$2" || exit 75
	shift 3
done
