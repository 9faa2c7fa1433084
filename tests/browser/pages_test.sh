#!/usr/bin/env bash
# Trains on the sample corpus with a label that would act in a page, and looks at the pages of
# report, explain and sweep in headless Chromium, with axe-core's checks of access:
#   pages_test.sh path/to/ockham [folder for pictures]
set -euo pipefail

ockham=$(readlink -f "$1")
here=$(dirname "$(readlink -f "$0")")
pictures=${2:+$(readlink -f "$2")}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

die() { echo "FAILED: $*"; exit 1; }

npm init -y >log 2>&1 && npm install --ignore-scripts playwright-core@1 axe-core@4 >log 2>&1 ||
  { cat log; die "playwright-core, axe-core"; }
"$ockham" sample-data --output sample --test-texts 500 2>log || die "sample-data"
first=$(awk -F '\t' 'NR == 1 { print $1 }' sample/train.tsv)
for part in train test; do
  awk -F '\t' -v OFS='\t' -v label="$first" \
    '{ if ($1 == label) $1 = "<script>alert(1)</script>"; print }' sample/$part.tsv >$part.tsv
done
"$ockham" train --train train.tsv --model model --quiet >log 2>&1 || { cat log; die "train"; }
"$ockham" report --model model --html page.html --data test.tsv || die "report"
word=$("$ockham" report --model model --json |
  awk -F '"' '/"ngram": "[a-z]+"/ && !found { print $4; found = 1 }')
[[ -n $word ]] || die "the model keeps no word of letters"

# look PAGE [WORD]
look() {
  node "$here/page_test.mjs" "$(command -v chromium)" "$1" "${2-}" "$pictures" || die "$1"
}

look page.html "$word"
"$ockham" report --html run.html --log model/log.jsonl || die "report --log"
look run.html
awk -F '\t' 'NR <= 5 { print $2 }' test.tsv >texts.txt
echo '<img src=x onerror=alert(1)> good' >>texts.txt
"$ockham" explain --model model --html why.html texts.txt || die "explain"
look why.html
printf 'train = train.tsv\npoints = 4\n[a]\n[<b>]\nseed = 2\n' >sweep.ini
"$ockham" sweep --plan sweep.ini --output sweep --quiet >log 2>&1 || { cat log; die "sweep"; }
look sweep/pareto.html
echo "pages: all tests passed"
