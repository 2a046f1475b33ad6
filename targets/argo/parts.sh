#!/bin/sh
# Lists the partitions of the data set at FROM: its folders, or its files if it has no folders. The answer is a JSON list.
# Exit: 0 it is said, 75 try again.
set -eu
# It stands beside this script.
# shellcheck disable=SC1091
. /portolan/scripts/remote.sh

there=$(remote "$FROM")
rclone lsf --dirs-only "$there" >/tmp/parts || exit 75
[ -s /tmp/parts ] || rclone lsf --files-only --exclude /_MANIFEST.json "$there" >/tmp/parts || exit 75
# The names of partitions are quoted; backslashes and quotes in them, too.
sort /tmp/parts | sed -e 's,/$,,' -e 's/[\\"]/\\&/g' -e 's/.*/"&"/' | paste -s -d , - | sed -e 's/^/[/' -e 's/$/]/' >/portolan/out/parts
[ -s /portolan/out/parts ] || echo '[]' >/portolan/out/parts
