#!/bin/sh
# Looks for what an earlier run made of the same inputs, and puts it where this run expects it.
# CACHE: the folder of what was kept. DEFINITION, VALUES: what decides besides the inputs. MOST: how old it may be, as
# 3600s, or off. FROM: addresses of the inputs, a line each. TO: addresses of the outputs, a line each.
# Answers: key, under which it is kept, empty if that cannot be told; hit, yes or no; outputs, a JSON object.
# Exit: 0 it is said, 75 try again.
set -eu
# It stands beside this script.
# shellcheck disable=SC1091
. /portolan/scripts/remote.sh

out=/portolan/out

miss() {
	printf '%s' "$1" >"$out/key"
	printf no >"$out/hit"
	printf '{}' >"$out/outputs"
	exit 0
}

printf '%s\n%s\n' "$DEFINITION" "$VALUES" >/tmp/said
printf '%s\n' "$FROM" | while read -r address; do
	[ -n "$address" ] || continue
	rclone lsf --recursive --files-only --exclude /_MANIFEST.json --format hp --hash MD5 "$(remote "$address")" >/tmp/files || exit 75
	sort /tmp/files
	# Between the inputs, so that a file cannot pass from one to the next unseen.
	echo
done >>/tmp/said
if grep -q '^;' /tmp/said; then
	echo "a file has no digest, so nothing is used again" >&2
	miss ""
fi
key=$(sha256sum </tmp/said | cut -c1-64)

if [ -z "$(rclone lsf --max-age "$MOST" --include "/$key" "$(remote "$CACHE")" 2>/dev/null)" ]; then
	miss "$key"
fi
rclone cat "$(remote "$CACHE/$key")" >/tmp/kept || exit 75
printf '%s\n' "$TO" >/tmp/to
sed 1d /tmp/kept >/tmp/old
# Descriptors of their own: rclone would read the lists.
exec 3</tmp/old 4</tmp/to
while read -r old <&3 && read -r new <&4; do
	[ "$old" != "$new" ] || continue
	# Data is deleted after a while, and then it is made again.
	[ -n "$(rclone lsf "$(remote "$old")" 2>/dev/null)" ] || miss "$key"
	rclone copy --checksum "$(remote "$old")" "$(remote "$new")" || exit 75
done
printf '%s' "$key" >"$out/key"
sed -n 1p /tmp/kept >"$out/outputs"
printf yes >"$out/hit"
