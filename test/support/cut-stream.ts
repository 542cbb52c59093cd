import type { Socket } from 'node:net';
import { expect } from 'vitest';
import type { ServerEvent } from '../../src/protocol/index.js';
import { StreamClient } from './stream-client.js';

export interface CutStreamOptions {
  /** Where the next connection is opened. */
  readonly url: () => string;
  /** What cuts a connection off, or its gateway. @default the ways in which sockets are lost, taken in turn */
  readonly lose?: (client: StreamClient, cuts: number) => unknown;
  readonly audio: Uint8Array;
  readonly fields: object;
  readonly bytesPerSecond: number;
  readonly frame: number;
  /** Milliseconds until the next cut; infinite for none. */
  readonly nextCutMs: () => number;
}

/** What became of a stream over all of its connections. */
export interface CutStream {
  readonly events: readonly ServerEvent[];
  readonly cuts: number;
  readonly text: string;
  readonly closed: { readonly code: number; readonly reason: string } | undefined;
}

/** The ways in which a connection is lost, taken in turn. */
const losses = [
  (client: StreamClient) => client.socket.terminate(),
  cutInsideFrame,
  // It still hangs half-open when the next one takes over.
  (client: StreamClient) => client.socket.pause(),
];

/** Streams audio through one connection after the other, each of which is cut off. */
export async function cutStream(options: CutStreamOptions): Promise<CutStream> {
  const { url, audio, bytesPerSecond, frame, lose = loseSocket } = options;
  const events: ServerEvent[] = [];
  const client = await StreamClient.connect(url());
  const started = await client.start({ ...options.fields, resumable: true });
  const resume = { session_id: started.session_id, resume_token: started.resume_token };
  let present = client;
  let at = 0;
  for (let cuts = 0; ; cuts++) {
    const cutAfter = options.nextCutMs();
    const most = Number.isFinite(cutAfter)
      ? Math.ceil((cutAfter / 1_000) * bytesPerSecond)
      : audio.length;
    await present.sendAudio(audio.subarray(at, at + most), frame, bytesPerSecond);
    if (at + most >= audio.length) {
      await present.stop();
      events.push(...present.events);
      return { events, cuts, text: textOf(events), closed: present.closed };
    }
    await lose(present, cuts);
    // What still arrives on the lost connection is not looked at.
    events.push(...present.events.splice(0));
    const last_seq = Math.max(...events.map((event) => ('seq' in event ? (event.seq ?? 0) : 0)));
    present = await StreamClient.connect(url());
    present.send({ type: 'start_transcription', resume: { ...resume, last_seq } });
    const told = () => present.all('progress').find((event) => event.received_bytes !== undefined);
    await present.until(() => told() !== undefined || present.closed !== undefined);
    const from = told()?.received_bytes;
    expect(from, JSON.stringify(present.events.slice(-3))).toBeDefined();
    at = from as number;
  }
}

function loseSocket(client: StreamClient, cuts: number): void {
  losses[cuts % losses.length]?.(client);
}

/** The header of a masked binary frame of 1000 bytes, and three of them. */
function cutInsideFrame(client: StreamClient): void {
  const raw = (client.socket as unknown as { _socket: Socket })._socket;
  raw.write(Buffer.from([0x82, 0xfe, 0x03, 0xe8, 1, 2, 3, 4, 5, 6, 7]));
  raw.destroy();
}

function textOf(events: readonly ServerEvent[]): string {
  return events.flatMap((event) => (event.type === 'final' ? [event.text] : [])).join(' ');
}
