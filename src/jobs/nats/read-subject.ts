import { DeliverPolicy, type JetStreamClient, type JsMsg } from '@nats-io/jetstream';
import { GatewayError } from '../../errors/index.js';

/** Longest wait for the next message. */
const silenceMs = 4_000;

/**
 * The messages that a subject of a stream has now, the oldest first, each when the one before it was dealt with.
 * @throws GatewayError `jobs_unavailable` where they stop coming.
 */
export async function* readSubject(
  js: JetStreamClient,
  stream: string,
  subject: string,
): AsyncGenerator<JsMsg> {
  const consumer = await js.consumers.get(stream, {
    filter_subjects: subject,
    deliver_policy: DeliverPolicy.All,
  });
  let left = (await consumer.info(true)).num_pending;
  if (left === 0) return;
  const messages = await consumer.consume({ max_messages: 16 });
  const timer = setTimeout(() => messages.stop(), silenceMs);
  try {
    for await (const message of messages) {
      yield message;
      timer.refresh();
      if (--left === 0) return;
    }
    throw new GatewayError('jobs_unavailable');
  } finally {
    clearTimeout(timer);
    messages.stop();
    // It would go by itself, but later.
    await consumer.delete().catch(() => {});
  }
}
