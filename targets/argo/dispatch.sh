#!/bin/sh
# Starts a fragment in another cluster, or joins the one that was started, and waits for its end.
#
# Names of children depend on the run, the fragment and the attempt alone, so that two dispatchers, or one that was
# started again, meet in one child. A child outlives the hub's deadline, so that one that is gone was never started.
#
# CONTEXT, NAMESPACE: where. TEMPLATE, FRAGMENT, PIPELINE, RUN: what. PARAMETERS: its arguments, a JSON list.
# ATTEMPTS: how often it may be started. LOST_AFTER: seconds without an answer.
# Exit: 0 succeeded, 64 failed there (final), 75 lost contact (run again: it joins).
set -eu

out=/portolan/out

# An earlier dispatcher has seen the end of it.
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

# kubectl until it answers; its answer is in /tmp/answer.
ask() {
	since=$(date +%s)
	until kubectl --context "$CONTEXT" --namespace "$NAMESPACE" --request-timeout=30s "$@" >/tmp/answer 2>/tmp/error; do
		if grep -q AlreadyExists /tmp/error; then
			return 0
		fi
		if [ $(($(date +%s) - since)) -ge "$LOST_AFTER" ]; then
			cat /tmp/error >&2
			exit 75
		fi
		sleep 15
	done
}

# The last attempt and its phase; -1 if there was none.
look() {
	ask get workflows.argoproj.io --selector "portolan/run=$RUN,portolan/fragment=$FRAGMENT" \
		--output jsonpath='{range .items[*]}{.metadata.name}{" "}{.status.phase}{"\n"}{end}'
	last=-1
	phase=
	while read -r name state; do
		attempt=${name##*-a}
		if [ "$attempt" -gt "$last" ]; then
			last=$attempt
			phase=$state
		fi
	done </tmp/answer
}

start() {
	cat >/tmp/child.json <<-CHILD
		{
		  "apiVersion": "argoproj.io/v1alpha1",
		  "kind": "Workflow",
		  "metadata": {
		    "name": "$TEMPLATE-$short-a$1",
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
	ask create --filename /tmp/child.json
}

while :; do
	look
	child=$TEMPLATE-$short-a$last
	case $last:$phase in
	-1:*) start 0 ;;
	*:Succeeded)
		ask get workflows.argoproj.io "$child" \
			--output jsonpath='{.status.outputs.parameters[?(@.name=="result")].value}'
		cp /tmp/answer "$out/result"
		exit 0
		;;
	*:Failed | *:Error)
		if [ $((last + 1)) -ge "$ATTEMPTS" ]; then
			ask get workflows.argoproj.io "$child" --output jsonpath='{.status.message}'
			echo "$child: $(cat /tmp/answer)" >&2
			exit 64
		fi
		start $((last + 1))
		;;
	*) sleep 15 ;;
	esac
done
