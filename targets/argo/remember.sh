#!/bin/sh
# Leaves RECORD to later runs, in the file at TO.
# Exit: 0 it is there, 75 try again.
set -eu
# It stands beside this script.
# shellcheck disable=SC1091
. /portolan/scripts/remote.sh

printf '%s\n' "$RECORD" | rclone rcat "$(remote "$TO")" || exit 75
