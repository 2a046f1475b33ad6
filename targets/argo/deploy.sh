#!/bin/sh
# Says which run a deployment serves from now on, and waits until new pods do. Arguments: KEY=VALUE of the release.
# NAMESPACE, DEPLOYMENT, RELEASE: names. WAIT: how long, as 600s.
set -eu

for entry; do
	shift
	set -- "$@" "--from-literal=$entry"
done
kubectl create configmap "$RELEASE" "$@" --dry-run=client --output=yaml |
	kubectl --namespace "$NAMESPACE" apply --server-side --force-conflicts --field-manager=portolan --filename=-
kubectl --namespace "$NAMESPACE" rollout restart "deployment/$DEPLOYMENT"
exec kubectl --namespace "$NAMESPACE" rollout status "deployment/$DEPLOYMENT" --timeout="$WAIT"
