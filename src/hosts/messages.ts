import { z } from 'zod';
import type { AudioWindow, Failure, Hypothesis } from '../engine/index.js';
import { GatewayError } from '../errors/index.js';
import { decodeFrame, encodeFrame, wireVersion } from './frame.js';

/** How often a host reports, and at which signs it is given up. Milliseconds. */
export const hostTiming = {
  reportMs: 1_000,
  /** Three reports that did not come. */
  lostAfterMs: 3_000,
  /** A host answers at once, or something is wrong with it. */
  takenTimeoutMs: 1_000,
  /** While it works for us it is looked after: of one that is gone, NATS knows. */
  probeMs: 500,
  /** Between an abort and the moment in which the inference has ended. */
  cancelTimeoutMs: 1_000,
} as const;

const lane = z.enum(['final', 'partial', 'batch']);
const count = z.int().min(0);

/** What a window is on its way; the samples are the body of its frame. `checkWindow` judges its values. */
const windowHead = z.object({
  kind: z.literal('transcribe'),
  /** Whose it is, and since which connection: see `RollCall`. */
  gateway: z.string(),
  epoch: count,
  sessionId: z.string(),
  lane,
  tenant: z.string().nullable(),
  model: z.string(),
  failures: count,
  options: z.object({
    language: z.string(),
    task: z.enum(['transcribe', 'translate']),
    prompt: z.string(),
    audioContext: z.number(),
    tail: z.object({ dense: z.number(), stride: z.number() }).nullable(),
    beamSize: z.number(),
    temperature: z.number(),
    temperatureIncrement: z.number(),
    maxTokens: z.number(),
    alignWords: z.boolean(),
  }),
});

/** What a gateway asks of a host. */
const callHead = z.discriminatedUnion('kind', [
  windowHead,
  /** A model is wanted: it is loaded, where it is not. */
  z.object({ kind: z.literal('load'), gateway: z.string(), epoch: count, model: z.string() }),
  /** The call with this address for answers is to end. */
  z.object({ kind: z.literal('cancel'), id: z.string() }),
  /** Wants no answer: where nobody listens any more, NATS says so. */
  z.object({ kind: z.literal('probe') }),
]);

type WindowHead = z.infer<typeof windowHead>;
type CallHead = z.infer<typeof callHead>;

/** What a gateway asks of a host, with its audio. */
export type HostCall =
  | { readonly kind: 'transcribe'; readonly from: Caller; readonly window: RemoteWindow }
  | { readonly kind: 'load'; readonly from: Caller; readonly model: string }
  | { readonly kind: 'cancel'; readonly id: string }
  | { readonly kind: 'probe' };

/** A window that names its model. */
export type RemoteWindow = AudioWindow & { readonly model: string };

/** A gateway, and how often it has connected to NATS. */
export interface Caller {
  readonly gateway: string;
  readonly epoch: number;
}

export function encodeCall(call: HostCall): Uint8Array {
  switch (call.kind) {
    case 'transcribe': {
      const { sessionId, lane, tenant = null, model, failures = 0, options, pcm } = call.window;
      const head: WindowHead = {
        ...{ kind: 'transcribe', ...call.from },
        ...{ sessionId, lane, tenant, model, failures, options },
      };
      return encodeFrame(head, new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength));
    }
    case 'load':
      return encodeFrame({ kind: 'load', ...call.from, model: call.model });
    case 'cancel':
    case 'probe':
      return encodeFrame(call);
  }
}

/** @throws GatewayError `bad_message`. */
export function decodeCall(bytes: Uint8Array): HostCall {
  const { head, body } = decodeFrame(bytes);
  const call: CallHead = checked(callHead, head);
  if (call.kind === 'cancel' || call.kind === 'probe') return call;
  const { gateway, epoch } = call;
  const from = { gateway, epoch };
  if (call.kind === 'load') return { kind: 'load', from, model: call.model };
  const { sessionId, lane, tenant, model, failures, options } = call;
  // Samples need an even address, which a view has only by chance.
  const pcm = new Int16Array(body.byteLength >> 1);
  new Uint8Array(pcm.buffer).set(body.subarray(0, pcm.byteLength));
  const window = { sessionId, lane, model, failures, options, pcm };
  return {
    kind: 'transcribe',
    from,
    window: tenant === null ? window : { ...window, tenant },
  };
}

/** What a host answers: `taken` at once, then how it ended; or that it will not do it. */
export type HostAnswer =
  | { readonly kind: 'taken'; readonly instance: string }
  | { readonly kind: 'refused'; readonly why: 'busy' | 'draining' }
  | { readonly kind: 'done'; readonly hypothesis: Hypothesis | null }
  | { readonly kind: 'failed'; readonly failure: Failure };

export function encodeAnswer(answer: HostAnswer): Uint8Array {
  return encodeFrame(answer);
}

/** What hosts say is believed: whoever can answer for one can do worse. @throws GatewayError `bad_message`. */
export function decodeAnswer(bytes: Uint8Array): HostAnswer {
  return decodeFrame(bytes).head as HostAnswer;
}

const offeredModel = z.object({
  name: z.string(),
  /** When its file came, in milliseconds since 1970. */
  since: z.number(),
  languages: z.number().nullable(),
  loaded: z.boolean(),
});

/** How a host is. */
const hostReport = z.object({
  wire: z.int(),
  /** Of its process. */
  instance: z.string(),
  /** For people: its machine and process. */
  name: z.string(),
  version: z.string(),
  /** How often it has connected to NATS: what it was doing before has ended. */
  epoch: count,
  state: z.enum(['serving', 'draining', 'gone']),
  /** Whether a window would be worked on right now. */
  ready: z.boolean(),
  slots: count,
  running: count,
  waiting: count,
  /** What runs and waits, by gateway. */
  taken: z.record(z.string(), count),
  models: z.array(offeredModel),
  device: z.string(),
  backend: z.enum(['cpu', 'cuda', 'scripted']),
  gpus: count,
  restarts: count,
  notes: z.array(z.string()),
});

export type HostReport = z.infer<typeof hostReport>;
export type OfferedModel = z.infer<typeof offeredModel>;

export function encodeReport(report: HostReport): string {
  return JSON.stringify(report);
}

/** Null for one of another version of this wire. @throws GatewayError `bad_message`. */
export function decodeReport(text: string): HostReport | null {
  const said = parsed(text) as { wire?: unknown } | null;
  if (said?.wire !== undefined && said.wire !== wireVersion) return null;
  return checked(hostReport, said);
}

/**
 * A gateway has come, is connected again or leaves: every host reports at once, and ends what an earlier
 * connection of that gateway has asked for, as nobody waits for it.
 */
const rollCall = z.object({ gateway: z.string(), epoch: count });

export function encodeRollCall(caller: Caller): string {
  return JSON.stringify(caller);
}

/** @throws GatewayError `bad_message`. */
export function decodeRollCall(text: string): Caller {
  return checked(rollCall, parsed(text));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('bad_message', { cause });
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new GatewayError('bad_message', { cause: result.error });
  return result.data;
}
