// Times onnxruntime on the graph of onnx_lstm.py: prints JSON, milliseconds of a forward pass of
// 128 x 200 tokens, the median.
//   node onnx_forward.mjs MODEL.onnx THREADS REPETITIONS
import { createRequire } from 'node:module';

const require = createRequire(`${process.cwd()}/`);
const ort = require('onnxruntime-node');

const kWords = 20003;
const kSteps = 200;
const kBatch = 128;
const [model, threads, repetitions] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model, {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
});
let state = 1;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const ids = BigInt64Array.from({ length: kSteps * kBatch },
  () => BigInt(Math.max(1, Math.floor(kWords ** uniform())) - 1));
const words = new ort.Tensor('int64', ids, [kSteps, kBatch]);
const times = [];
for (let i = 0; i <= Number(repetitions); ++i) {
  const started = performance.now();
  await session.run({ words });
  times.push(performance.now() - started);
}
times.shift(); // the first one allocates
times.sort((a, b) => a - b);
console.log(JSON.stringify({ forward: times[Math.floor(times.length / 2)] }));
