import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A request while it is answered. */
export interface RequestContext {
  readonly requestId: string;
  /** Set when it has been answered: what it has begun goes on without its name. */
  over: boolean;
}

const contexts = new AsyncLocalStorage<RequestContext>();

/** What a proxy may have named a request: nothing that could break a line of a log. */
const usableId = /^[\w.:+/=@-]{1,128}$/;

/** The id that the request brought along, or a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && usableId.test(given) ? given : randomUUID();
}

/** Runs `work`, and all that it begins, as a part of this request. */
export function withinRequest<T>(context: RequestContext, work: () => T): T {
  return contexts.run(context, work);
}

/** What every log line says of the request that it belongs to; nothing outside of one. */
export function requestFields(): { requestId?: string } {
  const context = contexts.getStore();
  return context && !context.over ? { requestId: context.requestId } : {};
}
