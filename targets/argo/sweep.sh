#!/bin/sh
# Stops what a run that did not succeed left running in other clusters.
# RUN, STATUS; CLUSTERS: a line for each, context and namespace.
set -eu
if [ "$STATUS" = Succeeded ]; then
	exit 0
fi
printf '%s\n' "$CLUSTERS" | while read -r context namespace; do
	kube() { kubectl --context "$context" --namespace "$namespace" --request-timeout=30s "$@" </dev/null; }
	for child in $(kube get workflows.argoproj.io --selector "portolan/run=$RUN,workflows.argoproj.io/completed!=true" --output name); do
		kube patch "$child" --type merge --patch '{"spec":{"shutdown":"Terminate"}}'
	done
done
