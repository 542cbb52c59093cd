import { fileURLToPath } from 'node:url';
import { competitor } from '../competitors/install.mjs';
import { CaptionSocket } from './caption-socket.mjs';
import { freePort, startServer } from './child-server.mjs';

const script = fileURLToPath(new URL('../competitors/whisper_live_kit_server.py', import.meta.url));
const drainTimeoutMs = 120_000;

/** https://github.com/QuentinFuxa/WhisperLiveKit, with its default policy. */
export const whisperLiveKit = system(
  'whisperlivekit',
  'alignatt',
  'WhisperLiveKit 0.2.26 (AlignAtt)',
  'base, int8 encoder (CTranslate2), f32 decoder (PyTorch)',
);

/** The same with the policy of whisper_streaming. */
export const whisperLiveKitLocalAgreement = system(
  'whisperlivekit-la',
  'localagreement',
  'WhisperLiveKit 0.2.26 (LocalAgreement)',
  'base, int8 (CTranslate2)',
);

function system(name, policy, label, model) {
  return {
    name,
    label,
    model,
    warmUp: true,
    async start() {
      const { python, models } = await competitor('whisper-live-kit');
      const port = await freePort();
      const server = await startServer(python, [script, policy, String(port), models], {
        env: { HF_HUB_OFFLINE: '1' },
        isReady: () => isHealthy(`http://127.0.0.1:${port}/health`),
      });
      return { ...server, open: (language) => open(`ws://127.0.0.1:${port}/asr`, language) };
    },
  };
}

async function isHealthy(url) {
  try {
    return (await (await fetch(url)).json()).ready === true;
  } catch {
    return false;
  }
}

/** @returns {Promise<import('./caption-socket.mjs').LiveStream>} */
async function open(url, language) {
  let done;
  const ready = new Promise((resolve) => {
    done = resolve;
  });
  const captions = await CaptionSocket.open(
    `${url}?language=${language}`,
    function onMessage(message, at) {
      if (message.type === 'ready_to_stop') done();
      if (message.error) this.problems.push(message.error);
      if (!message.lines) return;
      this.lags.push({ at, lagMs: message.remaining_time_transcription * 1000 });
      this.show(at, spansOf(message));
    },
  );
  captions.socket.on('close', () => done());
  return {
    ...captions.stream(),
    async finish() {
      captions.sendBytes(Buffer.alloc(0));
      const late = setTimeout(() => {
        captions.problems.push(`not done ${drainTimeoutMs / 1000} s after the end of the audio`);
        done();
      }, drainTimeoutMs);
      await ready;
      clearTimeout(late);
      captions.socket.close();
      await captions.closed(drainTimeoutMs);
    },
  };
}

/**
 * Every message holds the whole transcript. Lines are what it validated; it has no finals.
 * @param {{ lines: { text: string | null }[], buffer_transcription: string }} message
 * @returns {import('../measure/displays.mjs').Span[]}
 */
export function spansOf({ lines, buffer_transcription: buffer }) {
  return [
    ...lines
      .filter(({ text }) => text)
      .map(({ text }) => ({ text: `${text} `, state: 'committed' })),
    { text: buffer ?? '', state: 'tentative' },
  ];
}
