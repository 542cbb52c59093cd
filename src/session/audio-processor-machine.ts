import { assign, fromCallback, sendTo, setup } from 'xstate';
import { GatewayError } from '../errors/index.js';

/** Lifecycle only: audio bytes never pass through the machine. */
export type AudioProcessorEvent =
  | { type: 'START' }
  /** The pipeline is open. */
  | { type: 'READY' }
  /** No more audio comes; what was heard is to be finished. */
  | { type: 'STOP'; reason: string }
  /** Everything that was heard is transcribed. */
  | { type: 'DRAINED' }
  | { type: 'FAILED'; error: GatewayError }
  /** The client was cut off and may come back. */
  | { type: 'DETACH' }
  /** It came back. */
  | { type: 'ATTACH' }
  /** Nobody is left to hear the rest. */
  | { type: 'ABORT'; reason: string };

export interface Deadlines {
  readonly startTimeoutMs: number;
  readonly maxSessionMs: number;
  readonly drainTimeoutMs: number;
  /** How long a session waits for its client. */
  readonly resumeWindowMs: number;
}

interface Context extends Deadlines {
  readonly failure: GatewayError | null;
  readonly reason: string;
}

/**
 * The life of an AudioProcessor: IDLE → RUNNING (starting, streaming, draining) → STOPPED.
 *
 * The pipeline is invoked by `running`, so that it lives exactly as long as that state and its
 * cleanup runs on every way out. Each phase has its own deadline. Beside the phases it is known whether
 * the client is there: what was heard is transcribed either way.
 */
export const audioProcessorMachine = setup({
  types: {
    input: {} as Deadlines,
    context: {} as Context,
    events: {} as AudioProcessorEvent,
  },
  actors: {
    // Provided by AudioProcessor; a machine without a pipeline is a programming error.
    pipeline: fromCallback<{ type: 'END_INPUT' }>(() => {
      throw new Error('audioProcessorMachine.provide({ actors: { pipeline } }) is required');
    }),
  },
  actions: {
    recordFailure: assign({ failure: (_, params: { error: GatewayError }) => params.error }),
    recordReason: assign({ reason: (_, params: { reason: string }) => params.reason }),
  },
  delays: {
    startTimeout: ({ context }) => context.startTimeoutMs,
    sessionTimeout: ({ context }) => context.maxSessionMs,
    drainTimeout: ({ context }) => context.drainTimeoutMs,
    resumeWindow: ({ context }) => context.resumeWindowMs,
  },
}).createMachine({
  id: 'audioProcessor',
  context: ({ input }) => ({ ...input, failure: null, reason: 'client_stopped' }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        START: 'running',
        STOP: {
          target: 'stopped',
          actions: { type: 'recordReason', params: ({ event }) => ({ reason: event.reason }) },
        },
        ABORT: {
          target: 'stopped',
          actions: { type: 'recordReason', params: ({ event }) => ({ reason: event.reason }) },
        },
      },
    },
    running: {
      invoke: { id: 'pipeline', src: 'pipeline' },
      type: 'parallel',
      on: {
        FAILED: {
          target: 'stopped',
          actions: { type: 'recordFailure', params: ({ event }) => ({ error: event.error }) },
        },
        ABORT: {
          target: 'stopped',
          actions: { type: 'recordReason', params: ({ event }) => ({ reason: event.reason }) },
        },
      },
      states: {
        audio: {
          initial: 'starting',
          states: {
            starting: {
              description: 'The decoder and voice activity are being opened; audio is kept.',
              on: {
                READY: 'streaming',
                // Audio that came early is still transcribed: the stop takes effect once it can be.
                STOP: {
                  target: 'stopping',
                  actions: {
                    type: 'recordReason',
                    params: ({ event }) => ({ reason: event.reason }),
                  },
                },
              },
              after: {
                startTimeout: { target: '#audioProcessor.stopped', actions: startTimedOut() },
              },
            },
            stopping: {
              description: 'Stopped before the start was over.',
              on: { READY: 'draining' },
              after: {
                startTimeout: { target: '#audioProcessor.stopped', actions: startTimedOut() },
              },
            },
            streaming: {
              description: 'Audio flows.',
              on: {
                STOP: {
                  target: 'draining',
                  actions: {
                    type: 'recordReason',
                    params: ({ event }) => ({ reason: event.reason }),
                  },
                },
                // The container said by itself that it is over.
                DRAINED: {
                  target: '#audioProcessor.stopped',
                  actions: { type: 'recordReason', params: { reason: 'audio_ended' } },
                },
              },
              after: {
                sessionTimeout: {
                  target: 'draining',
                  actions: { type: 'recordReason', params: { reason: 'session_too_long' } },
                },
              },
            },
            draining: {
              description: 'No more audio comes; what was heard is being finished.',
              entry: sendTo('pipeline', { type: 'END_INPUT' }),
              on: { DRAINED: '#audioProcessor.stopped' },
              after: {
                drainTimeout: {
                  target: '#audioProcessor.stopped',
                  actions: {
                    type: 'recordFailure',
                    params: () => ({ error: new GatewayError('drain_timeout') }),
                  },
                },
              },
            },
          },
        },
        client: {
          initial: 'attached',
          states: {
            attached: { on: { DETACH: 'detached' } },
            detached: {
              description: 'The client may come back, for a while.',
              on: { ATTACH: 'attached' },
              after: {
                resumeWindow: {
                  target: '#audioProcessor.stopped',
                  actions: { type: 'recordReason', params: { reason: 'resume_expired' } },
                },
              },
            },
          },
        },
      },
    },
    stopped: { type: 'final' },
  },
});

function startTimedOut() {
  return {
    type: 'recordFailure',
    params: () => ({ error: new GatewayError('start_timeout') }),
  } as const;
}
