import type { Job } from '../job.js';
import type { Delivery } from '../webhooks/delivery-store.js';

/** A job as gateways share it. */
export interface JobRecord {
  readonly job: Job;
  /** Older jobs have a smaller one: the revision of the bucket at which it was created. */
  readonly number: number;
  /** The gateway that works on it. */
  readonly runner: string | null;
  /** Notices of its ends that are still to be delivered. */
  readonly notices: readonly Delivery[];
}

/** A record with the revision of the bucket at which it was kept. */
export interface KeptRecord extends JobRecord {
  readonly revision: number;
}

/** Gateways of a later version may keep more; what they keep otherwise is left to them. */
const version = 1;

export function encodeRecord(record: JobRecord): string {
  const { job, number, runner, notices } = record;
  return JSON.stringify({ version, job, number, runner, notices });
}

/** @returns Null where it is of another version. */
export function decodeRecord(text: string, revision: number): KeptRecord | null {
  const { version: theirs, job, number, runner, notices } = JSON.parse(text);
  if (theirs !== version) return null;
  // Whoever creates a job cannot know yet which revision that is going to be.
  return { job, number: number || revision, runner, notices, revision };
}
