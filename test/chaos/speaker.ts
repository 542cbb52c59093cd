import { readFileSync } from 'node:fs';
import type { Ledger, ServerEvent } from '../../src/protocol/index.js';
import { checkSession } from '../support/check-session.js';
import { StreamClient } from '../support/stream-client.js';
import { countErrors } from '../support/word-error-rate.js';
import type { Random } from './random.js';
import type { Recording } from './recordings.js';

/** What became of one session. */
export interface SpokenSession {
  readonly recording: Recording;
  readonly cuts: number;
  /** Why it ended, as its client was told: `client_stopped`, an error's code, or `nothing`. */
  readonly told: string;
  readonly ledger: Ledger | null;
  readonly warnings: readonly string[];
  readonly edits: number;
  readonly text: string;
  /** What must not be, in words. */
  readonly problems: readonly string[];
}

const bytesPerSecond = 32_000;
const frame = 6_400;
/** Speech that may be nothing but noise to the model. */
const longestWordlessMs = 3_000;
/** Of a connection, before it is cut off or its client stops reading. */
const [shortestMs, longestMs] = [1_500, 8_000];

/** Streams one recording, at the pace of speech, over connections that are lost again and again. */
export async function speakThrough(
  url: string,
  recording: Recording,
  random: Random,
): Promise<SpokenSession> {
  const bytes = recording.pcm ?? readFileSync(recording.path);
  // A container has to arrive at the pace of its own bytes.
  const pace = recording.pcm ? bytesPerSecond : (bytes.length / recording.seconds) | 0;
  const audio = { format: recording.pcm ? 'pcm_s16le' : 'auto' };
  const events: ServerEvent[] = [];
  let client = await StreamClient.connect(url);
  client.send({
    type: 'start_transcription',
    language: recording.language,
    audio,
    resumable: recording.pcm !== null,
  });
  await client.until(() => client.all('transcription_started').length > 0 || isOver(client));
  const [started] = client.all('transcription_started');
  let cuts = 0;
  let at = 0;
  while (!isOver(client)) {
    const lastsMs =
      recording.pcm && random.next() < 0.7
        ? random.between(shortestMs, longestMs)
        : Number.POSITIVE_INFINITY;
    const most = Math.min(
      bytes.length - at,
      Number.isFinite(lastsMs) ? wholeSamples((lastsMs / 1_000) * pace) : bytes.length,
    );
    if (random.next() < 0.2) stopReading(client, random.between(200, 2_000));
    await client.sendAudio(bytes.subarray(at, at + most), recording.pcm ? frame : 2_000, pace);
    at += most;
    if (at >= bytes.length) {
      client.send({ type: 'stop_transcription' });
      await client.until(() => isOver(client));
      break;
    }
    if (isOver(client)) break;
    cuts++;
    client.socket.terminate();
    events.push(...client.events.splice(0));
    const last_seq = Math.max(0, ...events.map((event) => ('seq' in event ? (event.seq ?? 0) : 0)));
    client = await StreamClient.connect(url);
    client.send({
      type: 'start_transcription',
      resume: { session_id: started?.session_id, resume_token: started?.resume_token, last_seq },
    });
    const told = () => client.all('progress').find((event) => event.received_bytes !== undefined);
    await client.until(() => told() !== undefined || isOver(client));
    at = told()?.received_bytes ?? at;
  }
  await client.until(() => client.closed !== undefined);
  events.push(...client.events);
  return conclude(recording, cuts, events, client);
}

/** What the events of a session come to, and whether they told the truth. */
function conclude(
  recording: Recording,
  cuts: number,
  events: readonly ServerEvent[],
  client: StreamClient,
): SpokenSession {
  const problems: string[] = [];
  try {
    checkSession({ events });
  } catch (error) {
    problems.push(String(error));
  }
  const end = events.findLast(
    (event) =>
      event.type === 'transcription_stopped' ||
      (event.type === 'transcription_failed' && event.fatal),
  );
  const ledger = end && 'ledger' in end ? (end.ledger ?? null) : null;
  const told =
    end?.type === 'transcription_stopped'
      ? end.reason
      : end?.type === 'transcription_failed'
        ? end.code
        : 'nothing';
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));
  const text = events.flatMap((event) => (event.type === 'final' ? [event.text] : [])).join(' ');
  if (told === 'client_stopped') {
    if (!ledger) problems.push('no ledger');
    // Containers are as long as their codec's frames.
    const [expected, off] = recording.pcm
      ? [recording.pcm.length / 32, 1]
      : [recording.seconds * 1_000, 150];
    if (ledger && Math.abs(ledger.received_ms - expected) > off)
      problems.push(`${ledger.received_ms} ms received of ${expected} ms of ${recording.path}`);
    if (ledger && ledger.transcribed_ms > longestWordlessMs && text === '')
      problems.push(`${ledger.transcribed_ms} ms transcribed, and no word of it`);
  } else if (told === 'nothing') {
    problems.push(`nothing was told, and the socket closed with ${client.closed?.code}`);
  }
  const { edits } = countErrors(recording.text, text);
  return { recording, cuts, told, ledger, warnings, edits, text, problems };
}

function isOver(client: StreamClient): boolean {
  return client.closed !== undefined;
}

function wholeSamples(bytes: number): number {
  return Math.floor(bytes / 2) * 2;
}

/** A reader that is slow for a while. */
function stopReading({ socket }: StreamClient, ms: number): void {
  socket.pause();
  setTimeout(() => socket.resume(), ms);
}
