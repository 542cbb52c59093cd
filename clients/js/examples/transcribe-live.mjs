// Live captions of raw audio, at the pace at which the gateway takes it:
//   npm run build
//   ffmpeg -v error -i talk.mp3 -f s16le -ar 16000 -ac 1 - | node clients/js/examples/transcribe-live.mjs
// GATEWAY_URL names another gateway, API_KEY is the key it wants, LANGUAGE the language that is spoken.
import { createClient } from '@whisper-gateway/client';

const client = createClient({
  url: process.env.GATEWAY_URL ?? 'http://127.0.0.1:8080',
  token: process.env.API_KEY ?? '',
});
const session = client.live({
  audio: { format: 'pcm_s16le', sample_rate: 16_000, channels: 1 },
  language: process.env.LANGUAGE ?? 'auto',
});
session.on('state', ({ name }) => console.error(name));

try {
  await session.start();
  const printed = print(session.captions());
  for await (const piece of process.stdin) {
    if (!session.send(piece)) await session.drained();
  }
  const { ledger } = await session.stop();
  await printed;
  console.error(`${ledger.received_ms} ms heard, ${ledger.shed_ms} ms lost`);
} catch (error) {
  console.error(`${error.message} (${error.code})`);
  process.exitCode = 1;
}

async function print(captions) {
  for await (const caption of captions) {
    if (caption.type === 'final') console.log(caption.text);
  }
}
