#!/bin/bash
# Bitbucket's own hook scripts: upload as a script of type PRE. The binary and its configuration
# must be at these paths on every node, on Mesh nodes too.
exec /usr/local/bin/pushgate --config /etc/pushgate/config.yaml hook pre-receive
