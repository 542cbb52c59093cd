// The text of a file, as it comes:
//   npm run build
//   node clients/js/examples/transcribe-file.mjs talk.mp3
import { openAsBlob } from 'node:fs';
import { createClient } from '@whisper-gateway/client';

const client = createClient({
  url: process.env.GATEWAY_URL ?? 'http://127.0.0.1:8080',
  token: process.env.API_KEY ?? '',
});

try {
  const file = await openAsBlob(process.argv[2] ?? '');
  for await (const event of client.transcribeStream(file)) {
    if (event.type === 'transcript.text.delta') process.stdout.write(event.delta);
  }
  process.stdout.write('\n');
} catch (error) {
  console.error(error.code ? `${error.message} (${error.code})` : error.message);
  process.exitCode = 1;
}
