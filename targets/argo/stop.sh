#!/bin/sh
# Tells clusters that only call out to stop what a run that did not succeed left running.
# RUN, STATUS; MAILBOXES: a line for each, the folder in object storage.
# Exit: 0 they will read it, 75 try again.
set -eu
# It stands beside this script.
# shellcheck disable=SC1091
. /portolan/scripts/remote.sh

if [ "$STATUS" = Succeeded ]; then
	exit 0
fi
short=$(printf '%s' "$RUN" | sha256sum | cut -c1-8)
printf '%s\n' "$MAILBOXES" >/tmp/mailboxes
while read -r box; do
	printf '%s' "$RUN" | rclone rcat "$(remote "$box")/stop/$short" || exit 75
done </tmp/mailboxes
