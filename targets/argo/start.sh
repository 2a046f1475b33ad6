#!/bin/sh
# Starts a run for a version of data, once: the run's name is made from the version.
# NAMESPACE, PIPELINE, TEMPLATE: what. VERSION: for which. OVERLAP: what happens if a run is going on: forbid (later), allow
# or replace (that one is stopped).
# Answers: started, yes or no.
# Exit: 0 it is said, 75 try again.
set -eu

kube() { kubectl --namespace "$NAMESPACE" --request-timeout=30s "$@"; }

# Helpers such as this one have a role, runs have none.
going=$(kube get workflows.argoproj.io --output name \
	--selector "portolan/pipeline=$PIPELINE,!portolan/role,workflows.argoproj.io/completed!=true") || exit 75
name=$TEMPLATE-$(printf '%s' "$VERSION" | sha256sum | cut -c1-10)
case $OVERLAP:$going in
*:*"/$name"*) ;;
forbid:?*)
	printf no >/portolan/out/started
	exit 0
	;;
replace:?*)
	for run in $going; do
		kube patch "$run" --type merge --patch '{"spec":{"shutdown":"Stop"}}' || exit 75
	done
	;;
esac
cat >/tmp/run.json <<-RUN
	{
	  "apiVersion": "argoproj.io/v1alpha1",
	  "kind": "Workflow",
	  "metadata": {"name": "$name"},
	  "spec": {"workflowTemplateRef": {"name": "$TEMPLATE"}}
	}
RUN
if ! kube create --filename /tmp/run.json 2>/tmp/error; then
	cat /tmp/error >&2
	grep -q AlreadyExists /tmp/error || exit 75
fi
printf yes >/portolan/out/started
