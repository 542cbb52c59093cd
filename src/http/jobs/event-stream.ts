import type { ServerResponse } from 'node:http';

/** Shorter than proxies wait. */
const keepAliveMs = 15_000;
/** Subjects whose latest event may wait for a slow reader. */
const maxPending = 2_000;

/**
 * Server-sent events. Of events about the same subject, a slow reader gets the latest; one for whom too many
 * subjects wait is disconnected, and starts afresh.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #pending = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  #blocked = false;
  #ending = false;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    this.#timer = setInterval(() => this.#write(':\n\n'), keepAliveMs).unref();
    response.on('close', () => clearInterval(this.#timer)).on('drain', () => this.#flush());
    this.#write('retry: 2000\n\n');
  }

  send(subject: string, event: string, data: unknown): void {
    // In the order of the latest news.
    this.#pending.delete(subject);
    this.#pending.set(subject, `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (this.#pending.size > maxPending) this.#response.destroy();
    else if (!this.#blocked) this.#flush();
  }

  /** Once everything is sent. */
  end(): void {
    this.#ending = true;
    if (!this.#blocked) this.#response.end();
  }

  #flush(): void {
    this.#blocked = false;
    for (const [subject, text] of this.#pending) {
      if (this.#blocked) return;
      this.#pending.delete(subject);
      this.#write(text);
    }
    if (this.#ending && !this.#blocked) this.#response.end();
  }

  #write(text: string): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    this.#blocked = !this.#response.write(text);
  }
}
