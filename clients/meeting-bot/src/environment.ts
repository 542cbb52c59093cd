/** Settings that are not for a command line: keys would be seen by others there. */
export interface Environment {
  readonly gatewayUrl: string;
  readonly apiKey: string | undefined;
  readonly chromiumPath: string | undefined;
  readonly path: string;
}

/** The only place where the bot reads its environment; an empty variable counts as none. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  return {
    gatewayUrl: env.GATEWAY_URL || 'http://127.0.0.1:8080',
    apiKey: env.API_KEY || undefined,
    chromiumPath: env.CHROMIUM_PATH || undefined,
    path: env.PATH ?? '',
  };
}
