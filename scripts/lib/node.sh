# Node for the JavaScript SDK.
# shellcheck shell=bash

# The Debian packages that are missing: Node has a WebSocket of its own from version 22 on, before that node-ws gives it one.
node_packages() {
    if ! node -e 'process.exit(globalThis.WebSocket ? 0 : 1)' 2>/dev/null; then printf '%s\n' nodejs node-ws; fi
}
