import type { GatewayClient } from '../gateway-client.js';
import type { LiveOptions, LiveSession } from '../live-session.js';
import { Microphone, type MicrophoneOptions } from './microphone.js';

export interface Listening {
  readonly session: LiveSession;
  readonly microphone: Microphone;
}

/**
 * Opens a microphone and a session, and joins them. The microphone is closed when the session is
 * stopped or over. Nothing has started yet: `session.start()` connects.
 * @throws ClientError as `Microphone.open`.
 */
export async function listen(
  client: GatewayClient,
  options: Omit<LiveOptions, 'audio' | 'restartAudio' | 'endAudio'> = {},
  microphoneOptions: MicrophoneOptions = {},
): Promise<Listening> {
  const microphone = await Microphone.open(microphoneOptions);
  const session = client.live({
    ...options,
    audio: microphone.format,
    restartAudio: () => microphone.restart(),
    // The last of what was said is still on its way when the microphone is closed.
    endAudio: () => microphone.close(),
  });
  microphone.on('audio', (bytes) => void session.send(bytes));
  // What was said until the microphone was lost is still worth having.
  microphone.on('lost', () => void session.stop().catch(() => {}));
  session.on('state', ({ name }) => {
    if (name === 'stopped' || name === 'failed') void microphone.close();
  });
  return { session, microphone };
}
