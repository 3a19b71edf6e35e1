#!/bin/sh
# Decisions per second against a general rule engine (GoRules zen), same table, same inputs, one run.
#
#   bench/zen_compare.sh PROGRAM [PACKAGES]
#
# PROGRAM is build/release/bench/zen_compare. PACKAGES: a folder where npm installed
# @gorules/zen-engine-linux-x64-gnu; without it, it is installed into a folder of its own, which is
# removed at the end.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages=${2:-$work/packages}
if [ ! -d "$packages/node_modules/@gorules" ]; then
  mkdir -p "$packages"
  (cd "$packages" && printf '{"private":true}' > package.json &&
    npm install --silent --no-audit --no-fund --ignore-scripts @gorules/zen-engine-linux-x64-gnu@2)
fi
node "$here/zen_compare.mjs" "$packages" "$work"
"$program" "$work"
