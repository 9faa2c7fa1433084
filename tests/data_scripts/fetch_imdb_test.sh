#!/usr/bin/env bash
# Tests data/fetch_imdb on a small archive:  fetch_imdb_test.sh path/to/fetch_imdb
# shellcheck disable=SC2317 # some functions are called by their names
set -uo pipefail
# shellcheck source=tests/data_scripts/fetch_test_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/fetch_test_lib.sh"

# shellcheck disable=SC2034 # the library reads it
files=(test.tsv train.tsv unsup.txt)

make_tree() {
  local tree=tree/aclImdb
  mkdir -p $tree/{train/{pos,neg,unsup},test/{pos,neg}}
  printf 'Good.<br /><br />Really\tgood.' >$tree/train/pos/2_9.txt
  printf 'Second by number,\r\nnot by name.\n' >$tree/train/pos/10_8.txt
  printf 'Bad & \\t ugly.' >$tree/train/neg/0_1.txt
  printf 'Fine.' >$tree/test/pos/0_10.txt
  printf 'Caf\303\251 nightmare.\n' >$tree/test/neg/0_2.txt
  printf 'Who knows?' >$tree/train/unsup/0_0.txt
  printf '0:1 1:2\n' >$tree/train/labeledBow.feat
}

make_big() { head -c 30000 /dev/zero | tr '\0' x >tree/aclImdb/train/pos/5_9.txt; }

make_many() {
  local i
  for i in {20..40}; do
    head -c 3000 /dev/zero | tr '\0' x >"tree/aclImdb/train/pos/${i}_9.txt"
  done
}

test_converts() {
  make_archive :; fetch
  expect_equal "train.tsv" "$(printf '%s\n' $'pos\tGood.  Really good.' \
    $'pos\tSecond by number,  not by name.' $'neg\tBad & \\t ugly.')" "$(cat out/train.tsv)"
  expect_equal "test.tsv" "$(printf 'pos\tFine.\nneg\tCaf\303\251 nightmare.')" "$(cat out/test.tsv)"
  expect_equal "unsup.txt" "Who knows?" "$(cat out/unsup.txt)"
}

test_other_archives() {
  make_archive rm -r tree/aclImdb/test/neg; fetch
  expect_failure "another archive" "no reviews in aclImdb/test/neg"

  make_archive make_many; limited_fetch
  expect_failure "full disk while converting" "cannot write"
}

test_converts
test_other_archives
test_as_every_script
finish
