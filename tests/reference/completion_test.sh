#!/usr/bin/env bash
# Completes command lines as bash would:  completion_test.sh path/to/ockham path/to/ockham.bash
set -uo pipefail

ockham=$1
# shellcheck disable=SC1090 # made by the build
source "$2"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
mkdir -p models "a folder"
touch reviews.tsv "two words.tsv"
failures=0

fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

# complete_words WORD...: what is offered for the last of the words behind "ockham", sorted.
complete_words() {
  COMP_WORDS=(ockham "$@")
  COMP_CWORD=$#
  _ockham ockham "${!#}" ""
  printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort
}

# expect WORDS... -- OFFERED...
expect() {
  local words=() expected
  while [[ "$1" != -- ]]; do words+=("$1"); shift; done
  shift
  expected=$(printf '%s\n' "$@" | LC_ALL=C sort)
  [[ "$(complete_words "${words[@]}")" == "$expected" ]] ||
    fail "ockham ${words[*]}: expected: ${expected//$'\n'/ }," \
      "got: $(complete_words "${words[@]}" | tr '\n' ' ')"
}

commands() { "$ockham" --help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p'; }

# The options that a command's help shows; of a flag both spellings.
options_of() {
  "$ockham" "$1" --help-all | grep -oE '^  --[][a-z-]+' | sed -n \
    -e 's/^  --\[no-\]\(.*\)/--\1\n--no-\1/p' -e 's/^  \(--[a-z].*\)/\1/p'
  echo --help-all
}

test_commands() {
  local all
  mapfile -t all < <(commands)
  ((${#all[@]} > 4)) || fail "the help names ${#all[@]} commands"
  expect '' -- "${all[@]}" --help --version
  expect pre -- predict
}

test_options() {
  local command all
  for command in $(commands); do
    mapfile -t all < <(options_of "$command")
    ((${#all[@]} > 3)) || fail "$command: the help names ${#all[@]} options"
    expect "$command" - -- "${all[@]}"
  done
  expect evaluate --th -- --threads
  expect unknown --th -- ''
}

test_used_options_are_not_offered() {
  expect evaluate --data x --da -- ''
  expect evaluate --json --no-j -- ''
  expect evaluate --json --j -- ''
  expect evaluate --no-json --j -- ''
}

test_values() {
  expect compress --weights '' -- int8 int6 int5 int4 auto fp16 fp32
  expect compress --weights fp -- fp16 fp32
  expect compress --weights = -- int8 int6 int5 int4 auto fp16 fp32
  expect compress --weights = i -- int8 int6 int5 int4
  expect train --pooling '' -- none max mean last
  expect train --pooling max,me -- max,mean
  expect train --pooling max, -- max,mean max,last
  expect train --pooling max,mean,m -- ''
  expect train --epochs '' -- ''
  local all
  mapfile -t all < <(options_of train | grep -vx -e --epochs)
  expect train --epochs 3 '' -- "${all[@]}"
}

test_files() {
  expect train --train '' -- models "a folder" reviews.tsv "two words.tsv"
  expect train --train two -- "two words.tsv"
  expect train --model '' -- models "a folder"
  expect evaluate --model mo -- models
  expect evaluate --config re -- reviews.tsv
  expect predict re -- reviews.tsv
}

test_commands
test_options
test_used_options_are_not_offered
test_values
test_files
complete -p ockham | grep -q -- '-F _ockham' || fail "nothing is registered for ockham"
((failures == 0)) && echo "completion: all tests passed"
exit $((failures > 0))
