#!/usr/bin/env bash
# Tests data/fetch_ag_news and data/fetch_yelp_polarity, which differ in columns, labels and escapes,
# on small archives:  fetch_csv_test.sh path/to/fetch_ag_news
# shellcheck disable=SC2317 # some functions are called by their names
set -uo pipefail
# shellcheck source=tests/data_scripts/fetch_test_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/fetch_test_lib.sh"

# shellcheck disable=SC2034 # the library reads it
files=(test.tsv train.tsv)
case "$program" in
  fetch_ag_news) folder=ag_news_csv ;;
  fetch_yelp_polarity) folder=yelp_review_polarity_csv ;;
  *) echo "no test of $program"; exit 1 ;;
esac

make_tree() {
  mkdir tree/$folder
  cat >tree/$folder/train.csv
  printf '"1","Last, but not ""least"""\r\n"2","Caf\303\251"\n' >tree/$folder/test.csv
} <<'CSV'
"1","A title","dwindling\band of ""ultra-cynics"""
"2","""All"",""every""","a	tab, a comma"
"1","","\n and \""so\"" on"
2,plain,
CSV

make_big() { head -c 30000 /dev/zero | tr '\0' x >"tree/$folder/big"; }
# Lines that are short in the archive's CSV and long in the TSV.
make_long() { yes '4,' | head -n 2000 >"tree/$folder/train.csv"; }

test_converts_ag_news() {
  make_archive :; fetch
  expect_equal "train.tsv" "$(printf '%s\n' $'World\tA title dwindling band of "ultra-cynics"' \
    $'Sports\t"All","every" a tab, a comma' $'World\t  n and  "so " on' $'Sports\tplain ')" \
    "$(cat out/train.tsv)"
  expect_equal "test.tsv" "$(printf 'World\tLast, but not "least"\nSports\tCaf\303\251')" \
    "$(cat out/test.tsv)"
  make_archive eval "printf '\"3\",\"a\"\n\"4\",\"b\"\n' >tree/$folder/train.csv"; fetch
  expect_equal "further labels" "$(printf 'Business\ta\nSci/Tech\tb')" "$(cat out/train.tsv)"

  make_archive make_long; limited_fetch
  expect_failure "full disk while converting" "cannot write"
}

test_converts_yelp_polarity() {
  make_archive :; fetch
  expect_equal "train.tsv" "$(printf '%s\n' \
    $'negative\tA title dwindling\\band of "ultra-cynics"' \
    $'positive\t"All","every" a tab, a comma' $'negative\t   and "so" on' $'positive\tplain ')" \
    "$(cat out/train.tsv)"
}

# expect_refused NAME LINE PATTERN: a CSV whose second line is this one.
expect_refused() {
  make_archive eval "printf '\"1\",\"a\"\n%s\n' '$2' >tree/$folder/test.csv"; fetch
  expect_failure "$1" "test.csv, line 2 $3"
}

test_other_archives() {
  expect_refused "unknown class" '"5","a"' "starts with no class"
  expect_refused "class 0" '"0","a"' "starts with no class"
  expect_refused "no class" 'text' "starts with no class"
  expect_refused "no text" '"1"' "has no text"
  expect_refused "open quote" '"1","a' "has a quote that is not closed"
  expect_refused "stray quote" '"1","a"b","c"' "has text behind a closing quote"

  make_archive rm tree/$folder/train.csv; fetch
  expect_failure "another archive" "holds no $folder/train.csv"
}

test_missing_unpackers() {
  local tool
  for tool in tar gzip; do
    make_archive :; path_without "$tool"
    PATH=$PWD/few fetch
    expect_failure "without $tool" "$tool is missing: install it"
  done
}

"test_converts_${program#fetch_}"
test_other_archives
test_missing_unpackers
test_as_every_script
finish
