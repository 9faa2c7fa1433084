#!/usr/bin/env bash
# Checks that the manual page names what the program does:
#   man_page_test.sh path/to/ockham path/to/ockham.1
set -uo pipefail

ockham=$1 page=$2
failures=0
text=$(sed -e 's/\\f[BIR]//g' -e 's/\\-/-/g' -e "s/\\\\(aq/'/g" -e 's/\\&//g' "$page")

fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
commands() { "$ockham" --help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p'; }

# The part of a command's own.
section() { awk -v head=".SS ockham $1" '/^\.S[SH]/ { on = $0 == head } on' <<<"$text"; }

for command in $(commands); do
  own=$(section "$command")
  [[ -n "$own" ]] || fail "no section of $command"
  help=$("$ockham" "$command" --help-all)
  options=$(grep -oE '^  --[][a-z-]+' <<<"$help" | sed 's/^  //')
  ((2 < $(wc -l <<<"$options"))) || fail "$command: no options in the help"
  for option in $options; do
    case "$option" in
      --help | --config) grep -q "^$option\b" <<<"$text" || fail "$option is missing" ;;
      *) grep -qxF -e "$option" -e "$option $(sed -n "s/^  ${option//[][]/.} \([^ ]*\).*/\1/p" \
        <<<"$help")" <<<"$own" || fail "$command: $option is missing" ;;
    esac
  done
  grep -qxF -- "$(tail -n 1 <<<"$help" | sed 's/^ *//')" <<<"$text" ||
    fail "the example of $command is missing"
done
((failures == 0)) && echo "man page: all tests passed"
exit $((failures > 0))
