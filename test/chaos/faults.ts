import { WebSocket } from 'ws';
import { childrenRunning, isRunning } from '../support/processes.js';
import type { GatewayProcess } from './gateway-process.js';
import type { Random } from './random.js';

/** Something that happens to a gateway. */
export interface Fault {
  readonly name: string;
  /** Codes with which a session may end because of it, and does not end otherwise. */
  readonly ends: readonly string[];
  /** Sessions that it may end at once. @default all */
  readonly most?: number;
  /** @returns Whether there was anything that it could be done to. */
  do(gateway: GatewayProcess, random: Random): Promise<boolean> | boolean;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A signal to one of the gateway's children, by part of its command line. */
function killing(part: string, signal: NodeJS.Signals): Fault['do'] {
  return ({ pid }, random) => {
    const children = childrenRunning(part, pid);
    if (children.length === 0) return false;
    return signalTo(random.pick(children), signal);
  };
}

/** Stops one of the gateway's children for a while: it is there, and does nothing. */
function stopping(part: string, mostMs: number): Fault['do'] {
  return async ({ pid }, random) => {
    const children = childrenRunning(part, pid);
    if (children.length === 0) return false;
    const stopped = random.pick(children);
    if (!signalTo(stopped, 'SIGSTOP')) return false;
    await pause(random.between(300, mostMs));
    // The gateway may have had enough of it meanwhile.
    if (isRunning(stopped)) signalTo(stopped, 'SIGCONT');
    return true;
  };
}

function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Somebody who speaks no protocol of ours. */
async function junk({ url }: GatewayProcess, random: Random): Promise<boolean> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`);
  socket.on('error', () => {});
  const opened = new Promise((resolve) => {
    socket.on('open', resolve).on('close', resolve);
  });
  await opened;
  for (let frames = random.between(1, 8); frames > 0; frames--) {
    const bytes = Buffer.from(
      Array.from({ length: random.between(0, 2_000) }, () => random.between(0, 255)),
    );
    const texts = [
      '{',
      '[]',
      '{"type":"start_transcription","audio":{"format":"mp3"}}',
      'null',
      '{"type":7}',
    ];
    if (socket.readyState !== WebSocket.OPEN) break;
    socket.send(random.next() < 0.5 ? bytes : random.pick(texts));
    await pause(random.between(0, 50));
  }
  // As often as not it just goes.
  if (random.next() < 0.5) socket.terminate();
  else socket.close();
  return true;
}

/** A request that is begun and never ended. */
async function halfAnUpload({ url }: GatewayProcess, random: Random): Promise<boolean> {
  const abort = new AbortController();
  const body = new ReadableStream({
    start: (controller) => {
      controller.enqueue(
        Buffer.from('--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n'),
      );
      controller.enqueue(Buffer.alloc(random.between(1, 100_000)));
    },
  });
  const headers = { 'content-type': 'multipart/form-data; boundary=x' };
  const options = { method: 'POST', body, headers, duplex: 'half', signal: abort.signal } as const;
  const sent = fetch(`${url}/v1/audio/transcriptions`, options).catch(() => {});
  await pause(random.between(50, 500));
  abort.abort();
  await sent;
  return true;
}

/** Everything that may happen, but for what clients do themselves: see `Speaker`. */
export const faults: readonly Fault[] = [
  { name: 'a worker is killed', ends: [], do: killing('worker-main', 'SIGKILL') },
  { name: 'a worker crashes', ends: [], do: killing('worker-main', 'SIGSEGV') },
  { name: 'a worker stands still', ends: [], do: stopping('worker-main', 4_000) },
  {
    name: 'ffmpeg is killed',
    ends: ['decoder_crashed'],
    most: 1,
    do: killing('ffmpeg', 'SIGKILL'),
  },
  { name: 'ffmpeg stands still', ends: [], do: stopping('ffmpeg', 2_000) },
  {
    name: 'voice activity is killed',
    ends: ['voice_activity_failed'],
    do: killing('voice-activity-main', 'SIGKILL'),
  },
  {
    name: 'voice activity stands still',
    ends: [],
    do: stopping('voice-activity-main', 2_000),
  },
  { name: 'junk is sent', ends: [], do: junk },
  { name: 'an upload is left', ends: [], do: halfAnUpload },
];
