#!/usr/bin/env bash
# Tests data/fetch_sst2 on a small archive:  fetch_sst2_test.sh path/to/fetch_sst2
# shellcheck disable=SC2317 # some functions are called by their names
set -uo pipefail
# shellcheck source=tests/data_scripts/fetch_test_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/fetch_test_lib.sh"

command -v zip >/dev/null || { echo "zip is missing"; exit 77; }
# shellcheck disable=SC2034 # the library reads both
{
  archive_kind=zip
  files=(dev.tsv test.tsv train.tsv)
}

make_tree() {
  mkdir tree/trees
  cat >tree/trees/train.txt
  printf '(3 (2 A) (3 (3 fine) (2 .)))\r\n' >tree/trees/dev.txt
  printf '(1 Caf\303\251)\n(2 neutral)\n' >tree/trees/test.txt
} <<'TREES'
(4 (2 It) (4 (3 (3 works) (2 -LRB-and) (2 1\/2-RRB-)) (2 .)))
(2 (2 Neither) (2 nor))
(0 (1 Not) (3 good))
TREES

make_big() { head -c 30000 /dev/zero | tr '\0' x >tree/trees/big; }
# Shorter as trees than as lines, which begin with a word for the class.
make_long() { yes '(1 a)' | head -n 1300 >tree/trees/train.txt; }

expect_converted() {
  expect_equal "$1: train.tsv" \
    "$(printf 'positive\tIt works (and 1/2) .\nnegative\tNot good')" "$(cat out/train.tsv)"
  expect_equal "$1: dev.tsv" "$(printf 'positive\tA fine .')" "$(cat out/dev.tsv)"
  expect_equal "$1: test.tsv" "$(printf 'negative\tCaf\303\251')" "$(cat out/test.tsv)"
}

test_converts() {
  make_archive :; fetch
  expect_converted "any unpacker"
  expect_message "next command" '--train out/train.tsv --valid out/dev.tsv --model'
}

test_unpackers() {
  local all=(unzip bsdtar python3) tool
  for tool in "${all[@]}"; do
    local others=("${all[@]/$tool/}")
    make_archive :; path_without "${others[@]}"
    # Some machines' python3 is a script that needs more.
    PATH=$PWD/few "$tool" --help >/dev/null 2>&1 || continue
    PATH=$PWD/few fetch
    expect_converted "$tool"
  done
  make_archive :; path_without "${all[@]}"
  PATH=$PWD/few fetch
  expect_failure "no unpacker" "unzip is missing: install it"
}

test_other_archives() {
  make_archive rm tree/trees/dev.txt; fetch
  expect_failure "another archive" "holds no trees/dev.txt"

  make_archive eval "echo 'plain text' >>tree/trees/test.txt"; fetch
  expect_failure "no trees" "trees/test.txt, line 3 is no tree"

  make_archive make_long; limited_fetch
  expect_failure "full disk while converting" "cannot write"
}

test_converts
test_unpackers
test_other_archives
test_as_every_script
finish
