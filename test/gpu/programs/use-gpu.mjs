// Run by memory.test.ts: does with a GPU what the lines on its standard input say, and answers each
// with a line. Arguments: addon, model, PCM as f32le.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [addonPath, path, pcmPath] = process.argv.slice(2);
const addon = createRequire(import.meta.url)(addonPath);
const pcm = new Float32Array(new Uint8Array(readFileSync(pcmPath)).buffer);
const model = await addon.loadModel({ path, gpu: 0, flashAttention: false });
const states = [await model.createState()];

const actions = {
  /** Opens states until there is no room for another. */
  async fill() {
    for (;;) states.push(await model.createState());
  },
  async transcribe() {
    const parameters = {
      language: 'en',
      translate: false,
      prompt: '',
      threads: 1,
      audioContext: 0,
      tail: null,
      beamSize: 1,
      bestOf: 1,
      temperature: 0,
      temperatureIncrement: 0,
      entropyThreshold: 2.4,
      logprobThreshold: -1,
      noSpeechThreshold: 0.6,
      maxTokens: 0,
      singleSegment: false,
      suppressNonSpeech: true,
      wordTimestamps: true,
      yielding: false,
      alignWords: false,
    };
    const { segments } = await states[0].transcribe(pcm, parameters);
    return segments.map(({ text }) => text).join('');
  },
  async release() {
    for (const state of states.splice(1)) state.free();
  },
};

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await actions[line]().then(
    (text = '') => ({ text, states: states.length }),
    ({ code, message }) => ({ code, message, states: states.length }),
  );
  say(answer);
}
