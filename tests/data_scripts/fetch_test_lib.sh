# shellcheck shell=bash
# shellcheck disable=SC2154 # `files` is set by the test
# What the tests of the data/fetch_* scripts have in common. Such a test is called with the script's
# path, sources this file, which moves to a scratch folder, and defines
#   make_tree   makes the archive's content in the folder `tree`
#   make_big    adds so much to `tree` that 8 KiB cannot hold it
#   files       what the script writes
# and may set archive_kind=zip. It calls test_as_every_script among its own tests and ends with
# finish. Exit code 77 counts as skipped in ctest.

script=$(readlink -f "$1")
program=$(basename "$script")
command -v curl >/dev/null || { echo "curl is missing"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
export OCKHAM_FETCH_PAUSE=0
archive_kind=tgz
failures=0

fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
expect_equal() { [[ "$2" == "$3" ]] || fail "$1: expected \"$2\", got \"$3\""; }
expect_message() { grep -q -- "$2" stderr || fail "$1: no \"$2\" in: $(cat stderr)"; }

# make_archive COMMAND...: the archive of a tree that the command has changed.
make_archive() {
  rm -rf tree out archive
  mkdir tree
  make_tree
  "$@"
  if [[ $archive_kind == zip ]]; then
    (cd tree && zip -q -r ../archive.zip . && mv ../archive.zip ../archive)
  else
    tar -czf archive -C tree .
  fi
}

url() { echo "file://$scratch/archive"; }
sum() { sha256sum <archive | cut -c 1-64; }

# fetch ARGUMENTS: runs the script on the archive; leaves its exit code and messages.
fetch() {
  "$script" --output out --url "$(url)" --sha256 "$(sum)" "$@" >stdout 2>stderr
  status=$?
}

# A failure says one line beside the announcement and leaves nothing behind.
expect_failure() {
  local name=$1 pattern=$2
  expect_equal "$name: exit code" 1 "$status"
  expect_message "$name" "$pattern"
  expect_equal "$name: lines of message" 1 "$(grep -cv '^Downloading' stderr)"
  expect_equal "$name: left behind" "" "$(find out -mindepth 1 2>/dev/null)"
}

# ---- what holds for every script ----

test_says_what_it_wrote() {
  make_archive :; fetch
  expect_equal "exit code" 0 "$status"
  expect_equal "files" "${files[*]} " \
    "$(find out -mindepth 1 | sed 's,.*/,,' | LC_ALL=C sort | tr '\n' ' ')"
  expect_equal "stdout" "" "$(cat stdout)"
  local file
  for file in "${files[@]}"; do expect_message "files" "^Wrote out/$file: [0-9]* "; done
  expect_message "next command" 'ockham train --train out/train.tsv'
}

test_second_run_downloads_nothing() {
  make_archive :; fetch
  rm archive
  "$script" --output out --url "$(url)" 2>stderr || fail "second run failed: $(cat stderr)"
  expect_message "second run" already
  ! grep -q Downloading stderr || fail "second run downloads again"

  make_archive :; fetch
  rm out/test.tsv; echo stale >out/train.tsv; fetch
  [[ -s out/test.tsv ]] || fail "a missing file is not fetched again"
  ! grep -q stale out/train.tsv || fail "beside a missing file the old ones stay"
  echo stale >out/train.tsv; fetch --force
  ! grep -q stale out/train.tsv || fail "--force does not fetch again"
}

test_failures_leave_old_files() {
  make_archive :; fetch
  local before
  before=$(cat out/*)
  "$script" --output out --force --url "$(url)" --sha256 "$(printf '0%.0s' {1..64})" 2>stderr
  expect_equal "forced run with wrong checksum" 1 $?
  expect_equal "old files" "$before" "$(cat out/*)"
  expect_equal "old files, folder" "${#files[@]}" "$(find out -mindepth 1 | wc -l)"
}

test_broken_sources() {
  make_archive :
  "$script" --output out --url "$(url)" --sha256 "$(printf 'a%.0s' {1..64})" 2>stderr
  status=$?
  expect_failure "wrong checksum" "expected aaaa"

  make_archive :; fetch --url "file://$scratch/nowhere"
  expect_failure "no such file" "cannot download"

  make_archive :; head -c 200 archive >half; mv half archive; fetch
  expect_failure "truncated archive" "cannot unpack .*archive: [a-z]"
}

# A curl that gives up twice in the middle stands in for a bad connection.
test_cut_connection() {
  make_archive :
  mkdir -p cutting
  cat >cutting/curl <<'SH'
#!/usr/bin/env bash
runs=$(($(cat curl_runs 2>/dev/null || echo 0) + 1))
echo "$runs" >curl_runs
while (($# > 1)); do [[ "$1" == -o ]] && target=$2; shift; done
size=$(wc -c <archive) have=$(cat "$target" 2>/dev/null | wc -c)
((runs <= FAILURES)) && size=$((have + 10))
head -c "$size" archive | tail -c +$((have + 1)) >>"$target"
((runs > FAILURES)) || { echo "curl: (18) transfer closed"; exit 18; } >&2
SH
  chmod +x cutting/curl
  rm -f curl_runs
  PATH=$PWD/cutting:$PATH FAILURES=2 fetch
  expect_equal "cut twice: exit code" 0 "$status"
  expect_equal "cut twice: attempts" 3 "$(cat curl_runs)"

  make_archive :; rm -f curl_runs
  PATH=$PWD/cutting:$PATH FAILURES=99 fetch
  expect_failure "cut always" "cannot download.*transfer closed"
  expect_equal "cut always: attempts" 5 "$(cat curl_runs)"
}

# path_without PROGRAM...: makes a folder with what the scripts use except these.
path_without() {
  local tool
  rm -rf few && mkdir few
  for tool in env bash basename dirname tr mkdir mktemp rm mv head cat wc find sort xargs cut sleep \
    sha256sum curl awk tar gzip unzip bsdtar python3; do
    [[ " $* " == *" $tool "* ]] || ln -s "$(command -v "$tool")" few/ 2>/dev/null
  done
}

test_missing_tools() {
  local tool
  for tool in curl awk; do
    make_archive :; path_without "$tool"
    PATH=$PWD/few fetch
    expect_failure "without $tool" "$tool is missing: install it"
  done
}

# A limit on the size of files stands in for a full disk.
limited_fetch() {
  (trap '' XFSZ; ulimit -f 8; fetch; exit "$status")
  status=$?
}

test_full_disk() {
  make_archive make_big; limited_fetch
  expect_failure "full disk while unpacking" "cannot unpack"

  make_archive eval 'head -c 30000 /dev/urandom >tree/noise'; limited_fetch
  expect_failure "full disk while downloading" "cannot download"

  make_archive :; touch out; fetch
  expect_equal "file in place of a folder" 1 "$status"
  expect_message "file in place of a folder" 'cannot make the folder out'
  rm out
}

test_wrong_usage() {
  local arguments
  for arguments in '--speed' '--output' '--sha256 123' 'somewhere'; do
    # shellcheck disable=SC2086 # the words are separate arguments
    "$script" $arguments >stdout 2>stderr
    expect_equal "exit code of $arguments" 2 $?
    expect_equal "lines of $arguments" 1 "$(wc -l <stderr | tr -d ' ')"
    expect_message "$arguments" "^$program: "
  done
  "$script" --help >stdout 2>stderr || fail "--help failed"
  grep -q '^Example:' stdout || fail "--help shows no example"
  expect_equal "widest line of --help" "" "$(grep -E '^.{101}' stdout)"
}

test_as_every_script() {
  test_says_what_it_wrote
  test_second_run_downloads_nothing
  test_failures_leave_old_files
  test_broken_sources
  test_cut_connection
  test_missing_tools
  test_full_disk
  test_wrong_usage
}

finish() {
  ((failures == 0)) && echo "$program: all tests passed"
  exit $((failures > 0))
}
