#!/bin/sh
# External Hooks for Bitbucket: keep this script, the pushgate binary and config.yaml together in
# a folder below <shared home>/external-hooks/ and name the script as the hook's executable.
case $0 in
*/*) here=${0%/*} ;;
*) here=. ;;
esac
exec "$here/pushgate" --config "$here/config.yaml" hook pre-receive
