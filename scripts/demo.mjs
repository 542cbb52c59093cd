// npm run demo: live captions of a recording, played in real time, in this terminal.
// npm run demo -- FILE [--language CODE]
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { requireNode } from './prepare/require-node.mjs';

requireNode();
const { prepare } = await import('./prepare/prepare.mjs');
const { packageRoot } = await import('./prepare/package-root.mjs');

/** In the public domain; it comes with the whisper.cpp sources that the addon is built from. */
const sampleClip = `${packageRoot}node_modules/nodejs-whisper/cpp/whisper.cpp/samples/jfk.mp3`;

const { file, language } = readArguments();
await prepare();
const { findFfmpeg } = await import('../dist/audio/index.js');
const { CaptionLog, CaptionScreen } = await import('./demo/caption-screen.mjs');
const { openGateway } = await import('./demo/open-gateway.mjs');
const { openRecording, RecordingError } = await import('./demo/recording.mjs');
const { RefusedError, streamRecording } = await import('./demo/stream-recording.mjs');

const sameKeyMs = 500;
const stop = new AbortController();
let interruptedAt = 0;
process.on('SIGINT', onInterrupt).on('SIGTERM', () => stop.abort());
let gateway;
let captions;
try {
  const ffmpeg = await findFfmpeg(process.env.FFMPEG_PATH);
  const recording = await openRecording(file, ffmpeg.path);
  gateway = await openGateway();
  console.log(
    `${gateway.own ? 'Started a gateway at' : 'Using the gateway at'} ${gateway.url}.\n` +
      `Playing ${relative('', file)} (${seconds(recording.durationMs)}) in real time; Ctrl-C stops.`,
  );
  captions = process.stdout.isTTY
    ? new CaptionScreen(process.stdout)
    : new CaptionLog(process.stdout);
  const target = { url: gateway.url, apiKey: process.env.API_KEY, language };
  const result = await streamRecording(target, recording, captions, stop.signal);
  captions.note(`\n${summary(result)}`);
  captions.close();
} catch (error) {
  captions?.close();
  const expected = error instanceof RecordingError || error instanceof RefusedError;
  // Errors of the gateway's own start (a busy port, a missing model) are written for people, too.
  console.error(expected || gateway === undefined ? error.message : error);
  process.exitCode = 1;
} finally {
  await gateway?.close();
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { language: { type: 'string', default: 'auto' } },
    });
    return { file: positionals[0] ?? sampleClip, language: values.language };
  } catch (error) {
    console.error(`${error.message}\nUsage: npm run demo -- [FILE] [--language CODE]`);
    process.exit(2);
  }
}

/**
 * The first Ctrl-C ends the recording here; what was heard is still shown. A second one leaves. npm
 * passes on what the terminal has sent us already, so that one key arrives twice within moments.
 */
function onInterrupt() {
  const now = performance.now();
  if (!stop.signal.aborted) {
    interruptedAt = now;
    stop.abort();
  } else if (now - interruptedAt > sameKeyMs) {
    captions?.close();
    process.exit(130);
  }
}

function summary({ finals, ledger }) {
  const words = finals.reduce((sum, final) => sum + final.words, 0);
  const delays = finals.map(({ delayMs }) => delayMs).sort((a, b) => a - b);
  const delay =
    delays.length === 0
      ? 'no finals'
      : `finals ${seconds(delays[Math.floor(delays.length / 2)])} after the speech (median), ` +
        `${seconds(delays.at(-1))} at most`;
  return (
    `${seconds(ledger.received_ms)} heard, ${words} words, ${delay}. Ledger: ` +
    `${seconds(ledger.transcribed_ms)} transcribed + ${seconds(ledger.silence_ms)} silence + ` +
    `${seconds(ledger.shed_ms)} lost.`
  );
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
