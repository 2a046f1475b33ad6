#!/bin/sh
# Says which run a server serves from now on, and waits until new pods do. Arguments: KEY=VALUE of the release.
# NAMESPACE, RELEASE: names. KIND, OBJECT: a deployment, rollout or inferenceservice. WAIT: how many seconds.
set -eu

api() {
	kubectl --namespace "$NAMESPACE" "$@"
}

apply() {
	api apply --server-side --force-conflicts --field-manager=portolan --filename=-
}

# Who has seen what was last asked for, and how it stands: GENERATION SEEN STATE.
state() {
	case $KIND in
	rollout) path='{.metadata.generation} {.status.observedGeneration} {.status.phase}' ;;
	inferenceservice) path='{.metadata.generation} {.status.observedGeneration} {.status.conditions[?(@.type=="Ready")].status}' ;;
	esac
	api get "$KIND" "$OBJECT" --output="jsonpath=$path"
}

settled() {
	left=$WAIT
	while [ "$left" -gt 0 ]; do
		# shellcheck disable=SC2046 # three words
		set -- $(state)
		if [ "${1:-}" = "${2:-}" ]; then
			case ${3:-} in
			Healthy | True) return 0 ;;
			Degraded) return 1 ;;
			esac
		fi
		sleep 5
		left=$((left - 5))
	done
	return 1
}

new_pods() {
	mark="{\"metadata\":{\"annotations\":{\"portolan/release\":\"$digest\"}}}"
	case $KIND in
	deployment)
		api rollout restart "deployment/$OBJECT"
		api rollout status "deployment/$OBJECT" --timeout="${WAIT}s"
		;;
	rollout)
		api patch rollout "$OBJECT" --type=merge --patch="{\"spec\":{\"template\":$mark}}"
		settled
		;;
	inferenceservice)
		notes="{\"annotations\":{\"portolan/release\":\"$digest\"}}"
		api patch inferenceservice "$OBJECT" --type=merge --patch="{\"spec\":{\"predictor\":$notes}}"
		settled
		;;
	esac
}

before=$(api get configmap "$RELEASE" --ignore-not-found --output='jsonpath={.data}')
for entry; do
	shift
	set -- "$@" "--from-literal=$entry"
done
asked=$(kubectl create configmap "$RELEASE" "$@" --dry-run=client --output=yaml)
digest=$(printf '%s' "$asked" | sha256sum | cut -c1-16)
printf '%s\n' "$asked" | apply
new_pods && exit 0
status=$?
# The old version goes on: whatever pods it starts must be told of the old run.
if [ -n "$before" ]; then
	printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s"},"data":%s}\n' "$RELEASE" "$before" | apply
fi
exit "$status"
