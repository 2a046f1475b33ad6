#!/bin/sh
# Asks a cluster that only calls out for a fragment, and waits for its end. What was asked for before is not asked again.
#
# Names of children depend on the run, the fragment and the attempt alone, and so do requests: two of these, or one that was
# started again, write the same. A child outlives the hub's deadline, so that one without an answer was never started.
#
# MAILBOX: the folder in object storage. TEMPLATE, FRAGMENT, PIPELINE, RUN: what. PARAMETERS: its arguments, a JSON list.
# ATTEMPTS: how often it may be started. LOST_AFTER: seconds without a sign of life.
# Exit: 0 succeeded, 64 failed there (final), 75 lost contact (run again: it joins).
set -eu
# It stands beside this script.
# shellcheck disable=SC1091
. /portolan/scripts/remote.sh

out=/portolan/out

# An earlier one has seen the end of it.
if [ -s /portolan/in/result ]; then
	cp /portolan/in/result "$out/result"
	exit 0
fi

case $RUN in
"" | *[!A-Za-z0-9._-]*)
	echo "a run's identifier is made of letters, digits, dots, hyphens and underscores: $RUN" >&2
	exit 64
	;;
esac
short=$(printf '%s' "$RUN" | sha256sum | cut -c1-8)
box=$(remote "$MAILBOX")
since=$(date +%s)

# What the cluster says of a child: its phase, then its result or message; nothing if it says nothing yet.
look() {
	code=0
	rclone cat "$box/status/$1" >/tmp/status 2>/tmp/error || code=$?
	case $code in
	0 | 3 | 4) ;;
	*) lost ;;
	esac
	phase=$(sed -n 1p /tmp/status)
}

# Gives up if there was no sign of life for too long.
lost() {
	if rclone lsf --max-age "${LOST_AFTER}s" --include /alive "$box/status" 2>/dev/null | grep -q alive; then
		since=$(date +%s)
	elif [ $(($(date +%s) - since)) -ge "$LOST_AFTER" ]; then
		cat /tmp/error >&2
		exit 75
	fi
}

ask() {
	cat >/tmp/request <<-CHILD
		{
		  "apiVersion": "argoproj.io/v1alpha1",
		  "kind": "Workflow",
		  "metadata": {
		    "name": "$1",
		    "labels": {
		      "app.kubernetes.io/managed-by": "portolan",
		      "portolan/pipeline": "$PIPELINE",
		      "portolan/fragment": "$FRAGMENT",
		      "portolan/run": "$RUN"
		    }
		  },
		  "spec": {
		    "workflowTemplateRef": {"name": "$TEMPLATE"},
		    "arguments": {"parameters": $PARAMETERS}
		  }
		}
	CHILD
	rclone copyto --ignore-existing /tmp/request "$box/requests/$1" 2>/tmp/error || lost
}

attempt=0
while :; do
	child=$TEMPLATE-$short-a$attempt
	look "$child"
	case $phase in
	"")
		ask "$child"
		lost
		sleep 15
		;;
	Succeeded)
		sed 1d /tmp/status >"$out/result"
		exit 0
		;;
	Failed | Error)
		if [ $((attempt + 1)) -ge "$ATTEMPTS" ]; then
			echo "$child: $(sed 1d /tmp/status)" >&2
			exit 64
		fi
		attempt=$((attempt + 1))
		;;
	*)
		lost
		sleep 15
		;;
	esac
done
