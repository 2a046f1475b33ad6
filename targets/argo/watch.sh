#!/bin/sh
# Looks for a version of data that no run was started for.
# FROM: where it lies; with KEY, what the runs that write it have left, and under which key. SEEN: the version that a run
# was started for last. QUIET: how long files must have been left alone, as 300s.
# Answers: version, empty if there is nothing new.
# Exit: 0 it is said, 75 try again.
set -eu
# It stands beside this script.
# shellcheck disable=SC1091
. /portolan/scripts/remote.sh

# The file at $1, nothing if there is none: 3 and 4 say that there is no such folder or file.
read_file() {
	code=0
	rclone cat "$(remote "$1")" || code=$?
	case $code in
	0 | 3 | 4) ;;
	*) exit 75 ;;
	esac
}

there=$(remote "$FROM")
if [ -n "$KEY" ]; then
	read_file "$FROM" >/tmp/left
	version=$(sed -n "s/.*\"$KEY\":\"\([^\"]*\)\".*/\1/p" /tmp/left)
	[ "$version" != none ] || version=
else
	rclone lsf --recursive --files-only --max-age "$QUIET" "$there" >/tmp/young || exit 75
	rclone lsf --recursive --files-only --format pst "$there" >/tmp/files || exit 75
	version=
	if [ -s /tmp/files ] && [ ! -s /tmp/young ]; then
		version=$(sort /tmp/files | sha256sum | cut -c1-64)
	fi
fi
read_file "$SEEN" >/tmp/seen
if [ "$version" = "$(cat /tmp/seen)" ]; then
	version=
fi
printf '%s' "$version" >/portolan/out/version
