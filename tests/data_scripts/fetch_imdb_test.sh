#!/usr/bin/env bash
# Tests data/fetch_imdb on a small archive:  fetch_imdb_test.sh path/to/fetch_imdb
# Exits with 77, which ctest counts as skipped, where curl is missing.
set -uo pipefail

script=$1
command -v curl >/dev/null || { echo "curl is missing"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
expect_equal() { [[ "$2" == "$3" ]] || fail "$1: expected \"$2\", got \"$3\""; }

make_archive() {
  local tree=tree/aclImdb
  rm -rf tree
  mkdir -p $tree/{train/{pos,neg,unsup},test/{pos,neg}}
  printf 'Good.<br /><br />Really\tgood.' >$tree/train/pos/2_9.txt
  printf 'Second by number,\r\nnot by name.\n' >$tree/train/pos/10_8.txt
  printf 'Bad & \\t ugly.' >$tree/train/neg/0_1.txt
  printf 'Fine.' >$tree/test/pos/0_10.txt
  printf 'Caf\303\251 nightmare.\n' >$tree/test/neg/0_2.txt
  printf 'Who knows?' >$tree/train/unsup/0_0.txt
  printf '0:1 1:2\n' >$tree/train/labeledBow.feat
  "$@"
  tar -czf archive.tar.gz -C tree aclImdb
}

url() { echo "file://$scratch/archive.tar.gz"; }
sum() { sha256sum <archive.tar.gz | cut -c 1-64; }

# fetch ARGUMENTS: runs the script on the archive; leaves its exit code and messages.
fetch() {
  "$script" --output out --url "$(url)" --sha256 "$(sum)" "$@" >stdout 2>stderr
  status=$?
}

# A failure says one line beside the announcement and leaves nothing behind.
expect_failure() {
  local name=$1 pattern=$2
  expect_equal "$name: exit code" 1 "$status"
  grep -q -- "$pattern" stderr || fail "$name: no \"$pattern\" in: $(cat stderr)"
  expect_equal "$name: lines of message" 1 "$(grep -cv '^Downloading' stderr)"
  expect_equal "$name: left behind" "" "$(find out -mindepth 1 2>/dev/null)"
}

test_converts() {
  rm -rf out; make_archive :; fetch
  expect_equal "exit code" 0 "$status"
  expect_equal "train.tsv" "$(printf 'pos\tGood.  Really good.\npos\tSecond by number,  not by name.\nneg\tBad & \\t ugly.')" "$(cat out/train.tsv)"
  expect_equal "test.tsv" "$(printf 'pos\tFine.\nneg\tCaf\303\251 nightmare.')" "$(cat out/test.tsv)"
  expect_equal "unsup.txt" "Who knows?" "$(cat out/unsup.txt)"
  expect_equal "files" "test.tsv train.tsv unsup.txt " "$(find out -type f | sed 's,.*/,,' | sort | tr '\n' ' ')"
  expect_equal "stdout" "" "$(cat stdout)"
  grep -q 'ockham train --train out/train.tsv' stderr || fail "the next command is not named"
}

test_second_run_downloads_nothing() {
  rm -rf out; make_archive :; fetch
  rm archive.tar.gz
  "$script" --output out --url "$(url)" 2>stderr || fail "second run failed: $(cat stderr)"
  grep -q 'already' stderr || fail "second run: $(cat stderr)"
  make_archive eval 'printf New. >tree/aclImdb/test/pos/0_10.txt'
  fetch --force
  expect_equal "forced run" "$(printf 'pos\tNew.')" "$(head -n 1 out/test.tsv)"
}

test_failures_leave_old_files() {
  rm -rf out; make_archive :; fetch
  local before
  before=$(cat out/*)
  "$script" --output out --force --url "$(url)" --sha256 "$(printf '0%.0s' {1..64})" 2>stderr
  expect_equal "forced run with wrong checksum" 1 $?
  expect_equal "old files" "$before" "$(cat out/*)"
  expect_equal "old files, folder" 3 "$(find out -mindepth 1 | wc -l)"
}

test_broken_sources() {
  rm -rf out; make_archive :
  "$script" --output out --url "$(url)" --sha256 "$(printf 'a%.0s' {1..64})" 2>stderr
  status=$?
  expect_failure "wrong checksum" "expected aaaa"

  rm -rf out; fetch --url "file://$scratch/nowhere.tar.gz"
  expect_failure "no such file" "cannot download"

  rm -rf out; make_archive :; head -c 200 archive.tar.gz >half; mv half archive.tar.gz; fetch
  expect_failure "truncated archive" "cannot unpack"

  rm -rf out; make_archive rm -r tree/aclImdb/test/neg; fetch
  expect_failure "another archive" "no reviews in aclImdb/test/neg"
}

# A limit on the size of files stands in for a full disk.
test_full_disk() {
  local big='head -c 30000 /dev/zero | tr "\0" x >tree/aclImdb/train/pos/5_9.txt'
  rm -rf out; make_archive eval "$big"
  (trap '' XFSZ; ulimit -f 8; fetch; exit "$status")
  status=$?
  expect_failure "full disk while unpacking" "cannot unpack"

  big='for i in {20..40}; do head -c 3000 /dev/zero | tr "\0" x >tree/aclImdb/train/pos/${i}_9.txt; done'
  rm -rf out; make_archive eval "$big"
  (trap '' XFSZ; ulimit -f 8; fetch; exit "$status")
  status=$?
  expect_failure "full disk while converting" "cannot write"

  rm -rf out; make_archive eval 'head -c 30000 /dev/urandom >tree/aclImdb/train/pos/5_9.txt'
  (trap '' XFSZ; ulimit -f 8; fetch; exit "$status")
  status=$?
  expect_failure "full disk while downloading" "cannot download"

  rm -rf out; touch out; make_archive :; fetch
  expect_equal "file in place of a folder" 1 "$status"
  grep -q 'cannot make the folder out' stderr || fail "file in place of a folder: $(cat stderr)"
  rm out
}

test_wrong_usage() {
  local arguments
  for arguments in '--speed' '--output' '--sha256 123' 'somewhere'; do
    # shellcheck disable=SC2086 # the words are separate arguments
    "$script" $arguments >stdout 2>stderr
    expect_equal "exit code of $arguments" 2 $?
    expect_equal "lines of $arguments" 1 "$(wc -l <stderr | tr -d ' ')"
  done
  "$script" --help >stdout 2>stderr || fail "--help failed"
  grep -q '^Example:' stdout || fail "--help shows no example"
}

test_converts
test_second_run_downloads_nothing
test_failures_leave_old_files
test_broken_sources
test_full_disk
test_wrong_usage
((failures == 0)) && echo "fetch_imdb: all tests passed"
exit $((failures > 0))
