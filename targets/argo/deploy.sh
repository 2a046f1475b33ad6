#!/bin/sh
# Tells a deployment what to read from now on, and waits until the new pods serve. Arguments: NAME=VALUE.
# NAMESPACE, DEPLOYMENT; WAIT: how long, as 600s.
set -eu
kubectl --namespace "$NAMESPACE" set env "deployment/$DEPLOYMENT" --containers='*' "$@"
exec kubectl --namespace "$NAMESPACE" rollout status "deployment/$DEPLOYMENT" --timeout="$WAIT"
