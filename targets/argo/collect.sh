#!/bin/sh
# Starts what the mailbox asks for, and says how everything stands.
# MAIL: requests (a Workflow each), status (its phase, then its result or message), stop (runs that are over); the answer is
# left in out. NAMESPACE, PIPELINE: where.
# Exit: 0 done, 75 try again.
set -eu

kube() { kubectl --namespace "$NAMESPACE" --request-timeout=30s "$@" </dev/null; }

mkdir -p "$MAIL/requests" "$MAIL/status" "$MAIL/stop" "$MAIL/out"
: >"$MAIL/out/alive"

# The end of a child was seen, and nothing follows: it must not be started again once it is deleted.
ended() {
	[ -e "$MAIL/status/$1" ] || return 1
	case $(sed -n 1p "$MAIL/status/$1") in
	Succeeded | Failed | Error) return 0 ;;
	*) return 1 ;;
	esac
}

for stop in "$MAIL/stop"/*; do
	[ -e "$stop" ] || continue
	run=$(cat "$stop")
	for child in $(kube get workflows.argoproj.io --output name \
		--selector "portolan/run=$run,workflows.argoproj.io/completed!=true"); do
		kube patch "$child" --type merge --patch '{"spec":{"shutdown":"Terminate"}}' || exit 75
	done
done

for request in "$MAIL/requests"/*; do
	[ -e "$request" ] || continue
	name=${request##*/}
	if ended "$name"; then
		continue
	fi
	run=${name%-a*}
	if [ ! -e "$MAIL/status/$name" ]; then
		if [ -e "$MAIL/stop/${run##*-}" ]; then
			printf 'Failed\nthe run was stopped before this was started\n' >"$MAIL/out/$name"
			continue
		fi
		if ! kube create --filename "$request" 2>/tmp/error; then
			grep -q AlreadyExists /tmp/error || {
				cat /tmp/error >&2
				exit 75
			}
		fi
	fi
	kube get workflows.argoproj.io "$name" --ignore-not-found \
		--output jsonpath='{.metadata.name}{" "}{.status.phase}{"\n"}' >/tmp/child || exit 75
	phase=Error
	while read -r _ state; do
		phase=${state:-Pending}
	done </tmp/child
	case $phase in
	Succeeded) what='{.status.outputs.parameters[?(@.name=="result")].value}' ;;
	*) what='{.status.message}' ;;
	esac
	kube get workflows.argoproj.io "$name" --ignore-not-found --output jsonpath="$what" >/tmp/said || exit 75
	# One that somebody deleted is an error: it is not started a second time.
	{
		echo "$phase"
		cat /tmp/said
	} >"$MAIL/out/$name"
done
