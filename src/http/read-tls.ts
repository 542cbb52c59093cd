import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { GatewayError } from '../errors/index.js';

/** What a server speaks TLS with, both in PEM. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * Reads and tries a certificate and its key; undefined where neither is named.
 * @throws GatewayError `tls_unreadable`, `tls_invalid`.
 */
export async function readTls(paths: {
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
}): Promise<TlsFiles | undefined> {
  const { tlsCert, tlsKey } = paths;
  if (!tlsCert || !tlsKey) return undefined;
  const cert = await read('TLS_CERT', tlsCert);
  const key = await read('TLS_KEY', tlsKey);
  assertUsable({ cert }, `TLS_CERT (${tlsCert}) is no certificate in PEM format.`);
  assertUsable({ key }, `TLS_KEY (${tlsKey}) is no private key in PEM format without a password.`);
  assertUsable({ cert, key }, 'The key of TLS_KEY does not belong to the certificate of TLS_CERT.');
  return { cert, key };
}

async function read(option: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : String(code ?? cause);
    const message = `${option} (${path}) cannot be read: ${why}.`;
    throw new GatewayError('tls_unreadable', { message, cause });
  }
}

function assertUsable(options: Partial<TlsFiles>, message: string): void {
  try {
    createSecureContext(options);
  } catch (cause) {
    throw new GatewayError('tls_invalid', { message, cause });
  }
}
