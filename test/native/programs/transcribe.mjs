// Run by process.test.ts: uses the addon as a worker does, without a logger, and ends as asked.
// Arguments: addon, model, voice activity model, how to end.
import { createRequire } from 'node:module';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const [addonPath, modelPath, voiceActivityPath, end] = isMainThread
  ? process.argv.slice(2)
  : workerData;
const addon = createRequire(import.meta.url)(addonPath);
const pcm = Float32Array.from({ length: 80_000 }, (_, i) => Math.sin(i / 20) * 0.1);
const params = {
  language: 'en',
  translate: false,
  prompt: '',
  threads: 1,
  audioContext: end === 'quietly' ? 378 : 0,
  tail: null,
  beamSize: 1,
  bestOf: 1,
  temperature: 0,
  temperatureIncrement: 0,
  entropyThreshold: 2.4,
  logprobThreshold: -1,
  noSpeechThreshold: 0.6,
  maxTokens: 16,
  singleSegment: false,
  suppressNonSpeech: true,
  wordTimestamps: true,
  yielding: false,
  alignWords: false,
};

if (end === 'terminate' && isMainThread) {
  await terminateWorker();
} else {
  await work();
}

async function work() {
  const model = await addon.loadModel({ path: modelPath, gpu: null, flashAttention: false });
  const detector = await addon.loadVoiceActivity(voiceActivityPath);
  const states = [await model.createState(), await model.createState()];
  if (end === 'quietly') {
    await detector.probabilities(pcm.subarray(0, 512 * 100));
    await states[0].transcribe(pcm, params);
    await states[0].transcribe(pcm, { ...params, language: 'xx' }).catch(() => {});
    const running = states[1].transcribe(pcm, params);
    states[1].abort();
    await running.catch(() => {});
    await addon.loadModel({ path: '/none', gpu: null, flashAttention: false }).catch(() => {});
    return;
  }
  const running = states.map((state) => state.transcribe(pcm, params));
  if (end === 'exit') {
    // Work of every kind is under way.
    addon.setLogger(() => {});
    running.push(model.createState(), detector.probabilities(pcm.subarray(0, 512 * 150)));
    running.push(addon.loadModel({ path: modelPath, gpu: null, flashAttention: false }));
    setImmediate(() => process.exit(7));
  }
  if (end === 'terminate') parentPort.postMessage('running');
  await Promise.all(running);
}

async function terminateWorker() {
  const worker = new Worker(new URL(import.meta.url), { workerData: process.argv.slice(2) });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
}
