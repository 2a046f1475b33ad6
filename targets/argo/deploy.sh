#!/bin/sh
# Puts a run into service: writes the ConfigMap that tells a deployment which run it serves, then starts its pods anew
# and waits until they serve.
# NAMESPACE, DEPLOYMENT, RELEASE (the ConfigMap), RUN; VALUES: its data, a JSON object; WAIT: how long, as 600s.
set -eu

case $RUN in
"" | *[!A-Za-z0-9._-]*)
	echo "a run's identifier is made of letters, digits, dots, hyphens and underscores: $RUN" >&2
	exit 64
	;;
esac

kube() { kubectl --namespace "$NAMESPACE" "$@"; }

cat >/tmp/release.json <<-RELEASE
	{
	  "apiVersion": "v1",
	  "kind": "ConfigMap",
	  "metadata": {"name": "$RELEASE", "labels": {"app.kubernetes.io/managed-by": "portolan"}},
	  "data": $VALUES
	}
RELEASE
kube apply --server-side --force-conflicts --field-manager portolan --filename /tmp/release.json
kube patch deployment "$DEPLOYMENT" --type merge \
	--patch "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"portolan/run\":\"$RUN\"}}}}}"
kube rollout status "deployment/$DEPLOYMENT" --timeout="$WAIT"
