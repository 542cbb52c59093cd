import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file of the web app, as it is served. */
export interface WebFile {
  readonly body: Buffer;
  readonly gzipped: Buffer | null;
  readonly contentType: string;
  readonly etag: string;
  /** Its name changes with its contents. */
  readonly immutable: boolean;
}

/** Every file by the path it is served at. */
export type WebApp = ReadonlyMap<string, WebFile>;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};
/** Where builds put files whose names hold a checksum of their contents. */
const hashedFolder = '/assets/';
/** The page of a folder, which is served at the folder's own address. */
const pageOfFolder = '/index.html';

/**
 * Reads the built web app, which is a few hundred kilobytes, into memory: what is not in it cannot be asked for.
 * Empty where it was not built.
 */
export async function readWebApp(folder: string): Promise<WebApp> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = new Map<string, WebFile>();
  for (const name of names.toSorted()) {
    const contentType = contentTypes[extname(name)];
    if (contentType === undefined) continue;
    const path = `/${name.split(sep).join('/')}`;
    const body = await readFile(join(folder, name));
    const address = path.endsWith(pageOfFolder) ? path.slice(0, -pageOfFolder.length) || '/' : path;
    files.set(address, toWebFile(path, body, contentType));
  }
  return files;
}

function toWebFile(path: string, body: Buffer, contentType: string): WebFile {
  const gzipped = contentType === 'image/png' ? null : gzipSync(body, { level: 9 });
  return {
    body,
    gzipped: gzipped && gzipped.length < body.length ? gzipped : null,
    contentType,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    immutable: path.includes(hashedFolder),
  };
}
