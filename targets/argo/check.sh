#!/bin/sh
# Fails unless VALUE is at most MOST, or, without MOST, unless it is yes.
set -eu
if [ -n "${MOST:-}" ]; then
	echo "$VALUE failed, $MOST may"
	test "$VALUE" -le "$MOST"
else
	echo "the answer is $VALUE"
	test "$VALUE" = yes
fi
