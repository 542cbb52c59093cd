import { batch, computed, signal } from '@preact/signals';
import { ClientError, type Job, type JobEvent } from '../../../js/src/index.js';
import { client, keyNeeded } from '../gateway.js';
import { forgetEdits } from '../transcript/edits.js';

/** Jobs of a page of the list. */
const pageSize = 100;

/** Everything the page knows of jobs; changed by the functions below only. */
export const jobs = {
  all: signal<ReadonlyMap<string, Job>>(new Map()),
  /** Ids of those that wait, the next one first. */
  order: signal<readonly string[]>([]),
  /** Whether the list was read once. */
  loaded: signal(false),
  /** For more of the list; null where that was all. */
  next: signal<string | null>(null),
  /** Why news cannot be heard; null while they can. */
  connection: signal<ClientError | null>(null),
  /** What could not be done last. */
  problem: signal<ClientError | null>(null),
  /** What has ended just now, for those who do not see it. */
  ended: signal<Job | null>(null),
};

/** Those that run, the oldest first, then those that wait, in turn. */
export const openJobs = computed(() => {
  const all = [...jobs.all.value.values()];
  const places = new Map(jobs.order.value.map((id, index) => [id, index]));
  const place = ({ id, queue_position }: Job) => places.get(id) ?? queue_position ?? all.length;
  const running = all.filter(({ state }) => state === 'running');
  const queued = all.filter(({ state }) => state === 'queued');
  return [
    ...running.sort((a, b) => compare(a.started_at, b.started_at)),
    ...queued.sort((a, b) => place(a) - place(b)),
  ];
});

/** Those that are over, the latest first. */
export const endedJobs = computed(() =>
  [...jobs.all.value.values()].filter(isOver).sort((a, b) => compare(b.ended_at, a.ended_at)),
);

/** What was told since the connection stands: newer than any list that was asked for since. */
let told = new Set<string>();

/** Follows all jobs. @returns What ends it. */
export function watchJobs(): () => void {
  const follower = client.jobs.follow();
  follower.on('event', apply);
  follower.on('connection', (error) => {
    jobs.connection.value = error;
    if (error?.code === 'invalid_api_key') keyNeeded.value = true;
    if (error) return;
    told = new Set();
    void readList();
  });
  return () => follower.close();
}

/** Reads the first page; what is not in it and was not told of is gone. */
async function readList(): Promise<void> {
  await tried(async () => {
    const page = await client.jobs.list({ limit: String(pageSize) });
    batch(() => {
      const newer = [...jobs.all.value].filter(([id]) => told.has(id));
      const listed = page.data
        .filter(({ id }) => !told.has(id))
        .map((job) => [job.id, job] as const);
      jobs.all.value = new Map([...listed, ...newer]);
      jobs.next.value = page.next;
      jobs.loaded.value = true;
    });
  });
}

export async function readMore(): Promise<void> {
  const after = jobs.next.value;
  if (after === null) return;
  await tried(async () => {
    const page = await client.jobs.list({ limit: String(pageSize), after });
    batch(() => {
      const all = new Map(jobs.all.value);
      for (const job of page.data) if (!told.has(job.id)) all.set(job.id, job);
      jobs.all.value = all;
      jobs.next.value = page.next;
    });
  });
}

export function put(job: Job): void {
  const before = jobs.all.value.get(job.id);
  told.add(job.id);
  batch(() => {
    jobs.all.value = new Map(jobs.all.value).set(job.id, job);
    if (before && !isOver(before) && isOver(job)) jobs.ended.value = job;
  });
}

export function cancel(id: string): Promise<void> {
  return tried(async () => put(await client.jobs.cancel(id)));
}

export function retry(id: string): Promise<void> {
  return tried(async () => put(await client.jobs.retry(id)));
}

export function prioritize(id: string, priority: number): Promise<void> {
  return tried(async () => put(await client.jobs.prioritize(id, priority)));
}

export function remove(id: string): Promise<void> {
  return tried(async () => {
    await client.jobs.delete(id);
    forget(id);
  });
}

export function isOver({ state }: Job): boolean {
  return state !== 'queued' && state !== 'running';
}

function apply(event: JobEvent): void {
  switch (event.type) {
    case 'job':
      put(event.job);
      break;
    case 'deleted':
      forget(event.id);
      break;
    case 'queue':
      jobs.order.value = event.order;
      break;
  }
}

function forget(id: string): void {
  // A list that was asked for before may still have it.
  told.add(id);
  const all = new Map(jobs.all.value);
  all.delete(id);
  jobs.all.value = all;
  forgetEdits(id);
}

async function tried(action: () => Promise<void>): Promise<void> {
  try {
    await action();
    jobs.problem.value = null;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (error.code === 'invalid_api_key') keyNeeded.value = true;
    // Who heard of it from elsewhere sees as much.
    else if (error.code !== 'job_ended') jobs.problem.value = error;
  }
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '').localeCompare(b ?? '');
}
