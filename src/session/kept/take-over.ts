import { type Caller, mayEnter } from '../../access/index.js';
import { msToSamples, rawLayout } from '../../audio/index.js';
import { GatewayError } from '../../errors/index.js';
import type { Resume } from '../../protocol/index.js';
import type { PlacedAudio } from '../audio-intake.js';
import type { SessionEnd } from '../audio-processor.js';
import { ReplayBuffer, type ReplayLimits } from '../replay-buffer.js';
import type { TakenOver } from '../session.js';
import { audioFormat } from '../session-request.js';
import type { KeptEnd } from './checkpoint.js';
import type { KeptSession, SessionStore } from './session-store.js';
import { sameToken } from './token-digest.js';

/** A session that goes on here, and the events that its client missed. */
export interface Taken {
  readonly missed: readonly string[];
  readonly end: null;
  readonly session: TakenOver;
}

type Found = Taken | { readonly missed: readonly string[]; readonly end: SessionEnd };

/** The gateway before may still write while it does not know that it lost the client. */
const maxTries = 20;

/**
 * Takes a session over from the gateway that had it.
 * @param takePlace Called before it is taken; what it throws leaves the session where it is.
 * @throws GatewayError `resume_unknown` where nobody knows it, the token or the caller is another one, not all
 *   that was missed is kept, or the recording cannot go on elsewhere; `nats_unavailable`.
 */
export async function takeOver(
  store: SessionStore,
  caller: Caller,
  resume: Resume,
  limits: ReplayLimits,
  takePlace: () => Promise<void>,
): Promise<Found> {
  for (let tries = 0; tries < maxTries; tries++) {
    const kept = await store.find(resume.session_id);
    if (!kept || !isTheirs(kept, caller, resume)) throw new GatewayError('resume_unknown');
    const replay = new ReplayBuffer(limits);
    for (const { seq, text } of await kept.events()) replay.add(seq, text);
    replay.reach(kept.entry.checkpoint.seq);
    const missed = replay.after(resume.last_seq);
    if (!missed) throw new GatewayError('resume_unknown');
    if (kept.entry.end) return { missed, end: toEnd(kept.entry.end) };
    if (tries === 0) await takePlace();
    const found = await claim(kept, resume, replay);
    if (found) return { missed, end: null, session: found };
  }
  throw new GatewayError('resume_unknown');
}

function isTheirs({ entry }: KeptSession, caller: Caller, resume: Resume): boolean {
  const { owner, checkpoint } = entry;
  if (owner.callerId !== caller.id || !mayEnter(caller, checkpoint.request.room)) return false;
  return sameToken(resume.resume_token, owner.tokenDigest);
}

async function claim(
  kept: KeptSession,
  resume: Resume,
  replay: ReplayBuffer,
): Promise<TakenOver | null> {
  const { checkpoint } = kept.entry;
  // What a decoder had read of a container is gone with it.
  if (resume.start_ms === undefined && !rawLayout(audioFormat(checkpoint.request))) {
    throw new GatewayError('resume_unknown');
  }
  const journal = await kept.claim();
  if (!journal) return null;
  const { safe } = checkpoint.ledger;
  const audio = wholeMs(await kept.audioFrom(safe));
  const last = audio.at(-1);
  const heard = last ? last.start + last.samples.length : safe;
  const where = whereItGoesOn(heard, checkpoint.recordingStartMs, resume);
  return { checkpoint, audio, ...where, token: resume.resume_token, replay, journal };
}

/** The client goes on at the last whole millisecond that was kept, or with a recording of its own. */
function whereItGoesOn(heard: number, recordingStartMs: number, { start_ms }: Resume) {
  if (start_ms !== undefined) return { at: msToSamples(start_ms), recordingStartMs: start_ms };
  return { at: Math.max(heard, msToSamples(recordingStartMs)), recordingStartMs };
}

/** Without the samples behind the last whole millisecond, which are sent again. */
function wholeMs(audio: readonly PlacedAudio[]): PlacedAudio[] {
  const last = audio.at(-1);
  if (!last) return [];
  const end = last.start + last.samples.length;
  const odd = Math.min(last.samples.length, end % msToSamples(1));
  const samples = last.samples.subarray(0, last.samples.length - odd);
  return [...audio.slice(0, -1), { start: last.start, samples }];
}

function toEnd({ reason, error, ledger }: KeptEnd): SessionEnd {
  const failure = error && new GatewayError(error.code, { message: error.message });
  return { reason, error: failure, ledger };
}
