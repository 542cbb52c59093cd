/**
 * The gateway that listens at HOST and PORT already, or one of our own on a free port.
 * @returns {Promise<{ url: string, own: boolean, close: () => Promise<void> }>}
 */
export async function openGateway() {
  const { gatewayAddress, loadConfig } = await import('../../dist/config/index.js');
  const config = loadConfig();
  const url = gatewayAddress(config);
  if (await isGateway(url)) return { url, own: false, close: async () => {} };
  const { createGateway } = await import('../../dist/gateway/index.js');
  // Its log would run through the captions; what fails reaches us as an event.
  const gateway = await createGateway(
    loadConfig({
      host: '127.0.0.1',
      port: 0,
      logLevel: 'silent',
      // A certificate is for the name of a machine, which 127.0.0.1 is not.
      tlsCert: undefined,
      tlsKey: undefined,
    }),
  );
  return { url: gateway.url, own: true, close: () => gateway.close() };
}

/** Whether a Whisper Gateway answers there, and not some other program. */
async function isGateway(url) {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) });
    return 'max_connections' in (await response.json());
  } catch {
    return false;
  }
}

/** The header that carries a key. */
export function authorization(apiKey) {
  return apiKey ? { authorization: `Bearer ${apiKey}` } : {};
}
