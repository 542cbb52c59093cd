/** Exit codes of every command, for scripts and service managers. */
export const exitCodes = {
  ok: 0,
  /** The command was understood and could not be done. */
  failed: 1,
  /** The command line or the settings cannot be used. */
  unusable: 2,
  /** The gateway could not start. */
  cannotStart: 3,
  /** Somebody stopped it: 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
