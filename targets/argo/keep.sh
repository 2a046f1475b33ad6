#!/bin/sh
# Keeps what a step has made, for later runs with the same inputs.
# CACHE: the folder. KEY: under which name; empty: not at all. OUTPUTS: its answers, a JSON object. TO: addresses of its
# outputs, a line each.
# Exit: 0 it is there, 75 try again.
set -eu
# It stands beside this script.
# shellcheck disable=SC1091
. /portolan/scripts/remote.sh

[ -n "$KEY" ] || exit 0
printf '%s\n' "$OUTPUTS" "$TO" | rclone rcat "$(remote "$CACHE/$KEY")" || exit 75
