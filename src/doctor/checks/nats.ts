import { jetstreamManager } from '@nats-io/jetstream';
import { connectNats } from '../../nats/index.js';
import { type Check, error, ok } from '../check.js';

/** Windows of 30 s go in one message. */
const leastPayloadBytes = 1_048_576;
const remedy =
  'Run "nats-server --jetstream" where NATS_URL says, and let this machine reach it; docs/scaling.md has more.';

export const nats: Check = {
  id: 'nats',
  group: 'Service',
  title: 'NATS',
  async run({ config: { natsUrl: url } }) {
    if (url === undefined) return ok('not used: this gateway shares nothing with others');
    const connection = await connectNats({ url, name: 'whisper-gateway doctor' }).catch(
      (reason: Error) => reason,
    );
    if (connection instanceof Error) return error(connection.message, remedy);
    try {
      const { version, max_payload: payload } = connection.info ?? {};
      if ((payload ?? 0) < leastPayloadBytes) {
        const detail = `it takes messages of ${payload} bytes only`;
        return error(detail, `Set its max_payload to ${leastPayloadBytes} or more.`);
      }
      await jetstreamManager(connection);
      return ok(`nats-server ${version} with JetStream`);
    } catch (reason) {
      return error(`it has no JetStream: ${(reason as Error).message}`, remedy);
    } finally {
      await connection.close();
    }
  },
};
