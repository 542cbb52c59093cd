import { ClientError } from '../client-error.js';

/** Why a microphone could not be opened, with a code to explain it by. */
export function microphoneError(cause: unknown): ClientError {
  if (cause instanceof ClientError) return cause;
  const name = (cause as { name?: string } | null)?.name;
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return new ClientError('permission_denied', 'The microphone is not allowed.', { cause });
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new ClientError('no_microphone', 'There is no such microphone.', { cause });
    case 'NotReadableError':
    case 'AbortError':
      return new ClientError('microphone_busy', 'The microphone cannot be used now.', { cause });
    default:
      return new ClientError('not_supported', 'This browser cannot record.', { cause });
  }
}

/** @throws ClientError `insecure_context` or `not_supported`. */
export function assertCanRecord(): void {
  if (!globalThis.isSecureContext) {
    throw new ClientError(
      'insecure_context',
      'Browsers give microphones to pages of localhost or over HTTPS only.',
    );
  }
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new ClientError('not_supported', 'This browser cannot record.');
  }
}
