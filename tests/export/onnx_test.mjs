// Runs an exported ONNX model in onnxruntime and compares it with what `ockham predict` says:
//   node onnx_test.mjs MODEL.onnx TEXTS ANSWERS
// MODEL.json says how a text becomes ids; TEXTS has a text a line, of words and marks that Unicode's
// simple rules cut right; ANSWERS are the lines of `predict --jsonl`. Batches and lengths differ from
// run to run.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.cwd()}/`);
const ort = require('onnxruntime-node');

const kMultiplier = 0x9e3779b97f4a7c15n;
const wrap = (x) => BigInt.asUintN(64, x);

function mix(x) {
  x = wrap((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n);
  x = wrap((x ^ (x >> 27n)) * 0x94d049bb133111ebn);
  return x ^ (x >> 31n);
}

function hashWord(word) {
  const bytes = [...Buffer.from(word)].map(BigInt);
  const number = (part) => part.reduceRight((sum, byte) => (sum << 8n) | byte, 0n);
  let hash = wrap(BigInt(bytes.length) * kMultiplier);
  let at = 0;
  for (; bytes.length - at > 8; at += 8) {
    hash = wrap((hash ^ number(bytes.slice(at, at + 8))) * kMultiplier);
    hash ^= hash >> 32n;
  }
  return mix(hash ^ number(bytes.slice(at)));
}

function bucketOf(words, { bits, seed }) {
  const hash = words.map(hashWord).reduce((h, w) => wrap(h * kMultiplier + w));
  return Number(mix(wrap(hash + BigInt(seed) * 0xd6e8feb86659fd93n)) >> BigInt(64 - bits));
}

function tokensOf(text, tokenizer) {
  const signs = '[\0-&(-/:-@[-`{-\x7f]';
  const alone = '[\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3fffd}]';
  const parted = `n't(?!'?(?!${alone})[\\p{L}\\p{M}\\p{N}])|'(?:[stdm]|re|ve|ll)(?=${signs}|$)`;
  const plain = text.normalize('NFC').toLowerCase().replaceAll('\u2019', "'")
    .replace(new RegExp(`([a-z0-9]) (${parted})`, 'gu'), '$1$2');
  const word = `(?:(?!${alone})[\\p{L}\\p{M}\\p{N}])+`;
  const known = (token) => tokenizer.characters === undefined
    || [...token].every((c) => c < '\x80' || tokenizer.characters.includes(c));
  const tokens = (plain.match(new RegExp(`${word}(?:'${word})*|${alone}|[\\p{P}\\p{S}]`, 'gu')) ?? [])
    .map((token) => (known(token) ? token : '<other>'));
  if (tokenizer.length_token && tokens.length > 0) {
    const step = Math.floor(8 * Math.log2(tokens.length));
    const [first, last] = [Math.ceil(2 ** (step / 8)), Math.ceil(2 ** ((step + 1) / 8)) - 1];
    tokens.push(last > first ? `<length:${first}-${last}>` : `<length:${first}>`);
  }
  return tokens;
}

/** A function from a text to its ids, as the description has it. */
function idsBy({ tokenizer, max_ids: most }) {
  const { hashing } = tokenizer;
  const known = new Map((hashing ? tokenizer.buckets : tokenizer.ngrams).map((n, id) => [n, id]));
  const longest = hashing
    ? hashing.max_length
    : Math.max(...tokenizer.ngrams.map((ngram) => ngram.split(' ').length));
  return (text) => {
    const tokens = tokensOf(text, tokenizer);
    const ids = [];
    tokens.forEach((_, end) => {
      for (let length = 1; length <= Math.min(longest, end + 1); ++length) {
        const words = tokens.slice(end + 1 - length, end + 1);
        const id = known.get(hashing ? bucketOf(words, hashing) : words.join(' '));
        if (id !== undefined) ids.push(id);
      }
    });
    return most > 0 ? ids.slice(0, most) : ids;
  };
}

async function run(session, batch, padding) {
  const length = Math.max(1, ...batch.map((ids) => ids.length)) + padding;
  const padded = new BigInt64Array(batch.length * length);
  batch.forEach((ids, i) => ids.forEach((id, t) => (padded[i * length + t] = BigInt(id))));
  const result = await session.run({
    ids: new ort.Tensor('int64', padded, [batch.length, length]),
    lengths: new ort.Tensor('int32', Int32Array.from(batch, (ids) => ids.length), [batch.length]),
  });
  return result.probabilities;
}

const [modelFile, textFile, answerFile] = process.argv.slice(2);
const description = JSON.parse(readFileSync(modelFile.replace(/\.onnx$/, '.json'), 'utf8'));
const session = await ort.InferenceSession.create(modelFile);
const texts = readFileSync(textFile, 'utf8').split('\n').slice(0, -1).map(idsBy(description));
const answers = readFileSync(answerFile, 'utf8').split('\n').slice(0, -1).map((l) => JSON.parse(l));
if (texts.length !== answers.length) throw new Error('as many texts as answers are needed');

const classes = description.classes;
let [worst, kept] = [0, 0];
for (let first = 0, size = 1; first < texts.length; first += size, size = (size % 61) + 7) {
  size = Math.min(size, texts.length - first);
  const { data, dims } = await run(session, texts.slice(first, first + size), first % 3);
  if (dims[0] !== size || dims[1] !== classes.length) throw new Error(`dimensions ${dims}`);
  for (let i = 0; i < size; ++i) {
    kept += texts[first + i].length;
    classes.forEach((name, k) => {
      const difference = Math.abs(data[i * classes.length + k] - answers[first + i].probabilities[name]);
      worst = Math.max(worst, difference);
    });
  }
}
console.log(`${texts.length} texts, ${kept} ids, largest difference ${worst.toExponential(1)}`);
if (kept < texts.length || !(worst <= 1e-5)) process.exit(1);
