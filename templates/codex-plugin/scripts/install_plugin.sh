#!/bin/sh
# Finds a tunnel-client and has it install its plugin into Codex.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
bin=${TUNNEL_CLIENT_BIN-}
codex_home=""
marketplace=""
while [ $# -gt 0 ]; do
  case "$1" in
    --tunnel-client-bin) bin=${2?--tunnel-client-bin needs a path}; shift 2 ;;
    --codex-home) codex_home=${2?--codex-home needs a path}; shift 2 ;;
    --marketplace) marketplace=${2?--marketplace needs a name}; shift 2 ;;
    -h | --help) echo "usage: install_plugin.sh [--tunnel-client-bin PATH] [--codex-home PATH] [--marketplace NAME]"; exit 0 ;;
    *) echo "install_plugin.sh: unknown argument $1" >&2; exit 2 ;;
  esac
done
if [ -z "$bin" ] && [ -f "$root/.tunnel-client-bin" ]; then IFS= read -r bin < "$root/.tunnel-client-bin" || true; fi
[ -n "$bin" ] && [ -x "$bin" ] || bin=$(command -v tunnel-client || true)
if [ -z "$bin" ]; then
  echo "install_plugin.sh: no tunnel-client found. Install one (npm install -g tunnel-client) or name it with --tunnel-client-bin." >&2
  exit 2
fi
set -- codex plugin install
[ -n "$codex_home" ] && set -- "$@" --codex-home "$codex_home"
[ -n "$marketplace" ] && set -- "$@" --marketplace "$marketplace"
exec "$bin" "$@"
