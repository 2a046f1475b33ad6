#!/bin/sh
# Fetches what lies in the mailbox. MAILBOX: its address. MAIL: the folder for it.
# Exit: 0 it is here, 75 try again.
set -eu
# It stands beside this script.
# shellcheck disable=SC1091
. /portolan/scripts/remote.sh

code=0
rclone copy "$(remote "$MAILBOX")" "$MAIL" || code=$?
# 3 and 4: nobody has asked for anything yet.
case $code in
0 | 3 | 4) ;;
*) exit 75 ;;
esac
