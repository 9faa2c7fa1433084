#!/usr/bin/env bash
# Renders the manual page; a warning fails:  man_renders_test.sh path/to/ockham.1
# Exits with 77, which ctest counts as skipped, where groff is missing.
set -uo pipefail

command -v groff >/dev/null || { echo "groff is missing"; exit 77; }
warnings=$(groff -man -Tutf8 -ww "$1" 2>&1 >/dev/null)
if command -v man >/dev/null; then
  warnings+=$(MANWIDTH=80 man --warnings -l "$1" 2>&1 >/dev/null)
fi
[[ -z "$warnings" ]] && exit 0
echo "FAILED: $warnings"
exit 1
