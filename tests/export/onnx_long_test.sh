#!/usr/bin/env bash
# Trains on the sample corpus, exports to ONNX, has the models checked by ONNX's own checker and
# compares onnxruntime's answers with those of predict:
#   onnx_long_test.sh path/to/ockham
set -euo pipefail

ockham=$(readlink -f "$1")
here=$(dirname "$(readlink -f "$0")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

die() { echo "FAILED: $*"; exit 1; }

# compare NAME MODEL
compare() {
  "$ockham" export --model "$2" --format onnx --output model.onnx 2>log || { cat log; die "$1"; }
  /usr/bin/python3 -c 'import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), True)' \
    model.onnx || die "$1: the checker refuses it"
  "$ockham" predict --jsonl --model "$2" --format lines texts >answers || die "$1: predict"
  printf '%s: ' "$1"
  node "$here/onnx_test.mjs" model.onnx texts answers || die "$1 differs from predict"
}

# trained NAME OPTIONS...: a small network, quickly
trained() {
  local name=$1
  shift
  "$ockham" train --train sample/train.tsv --model "$name" --quiet --epochs 6 --points 2 \
    --dense-steps 100 "$@" >log 2>&1 || { cat log; die "train $name"; }
  compare "$name" "$name"
}

npm init -y >log 2>&1 && npm install --ignore-scripts onnxruntime-node@1.20 >log 2>&1 ||
  { cat log; die "onnxruntime-node"; }
"$ockham" sample-data --output sample --test-texts 3000 2>log || die "sample-data"
{
  cut -f 2 sample/test.tsv
  printf '\n\nnothing known\n'
  # What a token is hangs on more than Unicode's categories; hashes hit whatever it is.
  for i in $(seq 40); do
    echo "It 's $i, they do n't 've n't' care . we 'll'. I 'D (you 're) 'm do n't好 do n't'x"
    echo "第${i}話はとても面白かった。 电影$i很好看 アニメ・カナー 々〇 фильм$i хорош"
  done
} >texts

trained lstm
"$ockham" compress --model lstm --output int8.ockham 2>log || die "compress"
compare "int8" int8.ockham
trained gru --cell gru --layers 2 --max-tokens 20
trained hashed --vocabulary hashed:14
trained papers --gates hard-sigmoid --dense-layers 6,4 --output softmax --pooling last
echo "onnx: all tests passed"
