#!/usr/bin/env bash
# Trains on the sample corpus, exports to C, and compares the programs with predict: on this machine
# over 5,000 texts, and compiled for 32-bit ARM and run under qemu:
#   c_long_test.sh path/to/ockham
set -euo pipefail

ockham=$(readlink -f "$1")
here=$(dirname "$(readlink -f "$0")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

readonly STRICT=(-std=c99 -Wall -Wextra -Wpedantic -Werror -Os)
readonly ARM=arm-linux-gnueabihf

die() { echo "FAILED: $*"; exit 1; }

# Texts of the corpus, then lines of whatever bytes.
make_texts() {
  "$ockham" sample-data --output sample --test-texts 4800 2>log || die "sample-data"
  cut -f 2 sample/test.tsv >texts
  # A fixed stream of bytes: the texts' own, compressed.
  gzip -9 -n -c texts | tr -d '\n' | LC_ALL=C fold -b -w 150 | LC_ALL=C sed -n '1,300p' >odd
  cat odd >>texts
  [[ "$(wc -l <texts)" -ge 5000 ]] || die "there are only $(wc -l <texts) texts"
}

# export_model MODEL: model.c and model.h of it, and what predict says in `expected`.
export_model() {
  "$ockham" export --model "$1" --format c --output model.c 2>log || { cat log; die "export $1"; }
  "$ockham" predict --jsonl --model "$1" --format lines texts 2>log |
    sed -e 's/.*"probabilities":{//' -e 's/"[^"]*"://g' -e 's/}}//' -e 's/,/\t/g' >expected
}

# compare NAME: `answers` with `expected`.
compare() {
  [[ "$(wc -l <answers)" == "$(wc -l <expected)" ]] || die "$1: $(wc -l <answers) answers"
  paste answers expected | awk -v name="$1" '
    { for (i = 1; i <= NF / 2; ++i) {
        d = $i - $(i + NF / 2); if (d < 0) d = -d; if (d > most) most = d } }
    END { printf "%s: %d texts, the largest difference is %g\n", name, NR, most
          exit !(NR > 0 && most <= 1e-4) }' || die "$1 differs from predict"
}

# program NAME COMPILER RUNNER...
program() {
  local name=$1 compiler=$2
  shift 2
  "$compiler" "${STRICT[@]}" "$here/driver.c" model.c -I. -o program -lm || die "$name: compiling"
  "$@" ./program <texts >answers || die "$name: running"
  compare "$name"
}

make_texts
"$ockham" train --train sample/train.tsv --model trained --quiet >log 2>&1 || { cat log; die "train"; }
"$ockham" compress --model trained --output words.ockham 2>log || die "compress"
"$ockham" compress --model trained --output hashed.ockham --vocabulary hashed \
  --train sample/train.tsv --weights int6 2>log || die "compress to hashes"
for model in words hashed; do
  export_model $model.ockham
  program "$model, gcc" gcc env
  program "$model, ARM" $ARM-gcc qemu-arm -L /usr/$ARM
  $ARM-size program | tail -n 1
done
echo "export: all tests passed"
