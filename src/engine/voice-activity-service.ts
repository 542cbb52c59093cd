import { toFloat32 } from '../audio/index.js';
import { GatewayError } from '../errors/index.js';
import type {
  OnLog,
  VoiceActivityCall,
  VoiceActivityResult,
  VoiceActivitySetup,
} from './messages.js';
import type { NativeVoiceActivity } from './native-binding.js';
import { nativeError } from './native-error.js';
import { openAddon } from './open-addon.js';
import type { Service } from './serve-parent.js';

/**
 * Voice activity for many sessions in this process, each with a state of its own. The calls of one
 * session have to come one after the other.
 * @throws GatewayError `backend_unavailable`, `model_not_found`, `model_corrupt`,
 *   `model_load_failed` or `engine_out_of_memory`.
 */
export async function openVoiceActivity(
  setup: VoiceActivitySetup,
  log: OnLog,
): Promise<Service<null, VoiceActivityCall, VoiceActivityResult>> {
  const addon = openAddon(setup.addonPath, log);
  const sessions = new Map<number, NativeVoiceActivity>();

  async function load(): Promise<NativeVoiceActivity> {
    try {
      return await addon.loadVoiceActivity(setup.modelPath);
    } catch (error) {
      throw nativeError(error, 'model_load_failed');
    }
  }

  /** A state for `session` that has heard `history` and nothing else. */
  async function openSession(session: number, history: Int16Array): Promise<NativeVoiceActivity> {
    const known = sessions.get(session);
    known?.reset();
    const state = known ?? (await load());
    sessions.set(session, state);
    if (history.length > 0) await state.probabilities(toFloat32(history));
    return state;
  }

  async function call(asked: VoiceActivityCall): Promise<VoiceActivityResult> {
    const { session } = asked;
    try {
      switch (asked.kind) {
        case 'probabilities': {
          const state = asked.history
            ? await openSession(session, asked.history)
            : sessions.get(session);
          if (!state) throw new GatewayError('invalid_argument');
          return await state.probabilities(toFloat32(asked.pcm));
        }
        case 'forget':
          sessions.get(session)?.free();
          sessions.delete(session);
          return new Float32Array();
        default:
          throw new GatewayError('invalid_argument', { cause: asked satisfies never });
      }
    } catch (error) {
      throw error instanceof GatewayError ? error : nativeError(error, 'inference_failed');
    }
  }

  // Loaded once before anybody waits, so that a bad model is known at the start.
  (await load()).free();
  return { ready: null, call };
}
