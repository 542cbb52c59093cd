import type { ServerResponse } from 'node:http';
import { isOpen, type Job, type JobService } from '../../jobs/index.js';
import { EventStream } from './event-stream.js';

/** How much of the queue is told to those who watch all jobs. */
const queueShown = 1_000;

/** Tells what becomes of one job: as it is now, then every change, until it has ended. */
export function sendJobEvents(service: JobService, job: Job, response: ServerResponse): void {
  const stream = new EventStream(response);
  const { id } = job;
  const send = (latest: Job) => {
    stream.send(id, 'job', service.view(latest));
    if (isOpen(latest)) return;
    unlisten();
    stream.end();
  };
  const unlisten = service.listen((news) => {
    if (news.kind === 'job' && news.job.id === id) send(news.job);
    else if (news.kind === 'deleted' && news.id === id) {
      unlisten();
      stream.send(id, 'deleted', { id });
      stream.end();
    } else if (news.kind === 'queue') {
      const latest = service.peek(id);
      if (latest?.state === 'queued') send(latest);
    }
  });
  response.on('close', unlisten);
  send(job);
}

/**
 * Tells what becomes of all jobs: those that are open, then every change.
 * @param owner Only of this one.
 */
export function sendAllEvents(
  service: JobService,
  owner: string | undefined,
  response: ServerResponse,
): void {
  const stream = new EventStream(response);
  const send = (job: Job) => stream.send(job.id, 'job', service.view(job));
  const sendQueue = () => stream.send('', 'queue', { order: service.queue(queueShown, owner) });
  const isShown = (of: string | null) => owner === undefined || of === owner;
  const unlisten = service.listen((news) => {
    if (news.kind === 'queue') sendQueue();
    else if (news.kind === 'job') {
      if (isShown(news.job.owner)) send(news.job);
    } else if (isShown(news.owner)) stream.send(news.id, 'deleted', { id: news.id });
  });
  response.on('close', unlisten);
  const open = service.list({ states: ['queued', 'running'], owner, limit: queueShown });
  for (const job of open.reverse()) send(job);
  sendQueue();
}
