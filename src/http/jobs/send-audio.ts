import type { FileHandle } from 'node:fs/promises';
import { extname } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Job } from '../../jobs/index.js';
import { endStalled } from '../end-stalled.js';
import { byteRange } from './byte-range.js';

/** What browsers play, by the ending of its name. Anything else is only bytes, whatever its sender says. */
const contentTypes: Readonly<Record<string, string>> = {
  '.aac': 'audio/aac',
  '.aif': 'audio/aiff',
  '.aiff': 'audio/aiff',
  '.flac': 'audio/flac',
  '.m4a': 'audio/mp4',
  '.mka': 'audio/x-matroska',
  '.mkv': 'video/x-matroska',
  '.mov': 'video/quicktime',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.oga': 'audio/ogg',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
  '.wav': 'audio/wav',
  '.weba': 'audio/webm',
  '.webm': 'video/webm',
};

/**
 * Sends a job's file, or the part of it that a player asks for, and closes it.
 * @param stallMs A reader that takes nothing for so long is let go: players ask again for the rest.
 */
export async function sendAudio(
  request: FastifyRequest,
  reply: FastifyReply,
  job: Job,
  file: FileHandle,
  stallMs: number,
): Promise<FastifyReply> {
  try {
    const { size } = await file.stat();
    const etag = `"${job.id}"`;
    const { range: asked, 'if-range': ifRange } = request.headers;
    const range = ifRange === undefined || ifRange === etag ? byteRange(asked, size) : null;
    reply.headers({
      'accept-ranges': 'bytes',
      'cache-control': 'private, max-age=3600',
      'content-disposition': contentDisposition(job.name),
      'content-security-policy': 'sandbox',
      'content-type': contentTypes[extname(job.name).toLowerCase()] ?? 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      etag,
    });
    if (range === 'unsatisfiable') {
      await file.close();
      return reply.status(416).header('content-range', `bytes */${size}`).send();
    }
    const { start, end } = range ?? { start: 0, end: size - 1 };
    reply.status(range ? 206 : 200).header('content-length', end - start + 1);
    if (range) reply.header('content-range', `bytes ${start}-${end}/${size}`);
    if (request.method === 'HEAD') {
      await file.close();
      return reply.send();
    }
    endStalled(reply, stallMs);
    return reply.send(file.createReadStream({ start, end }));
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The name as RFC 6266 has it, so that nothing in it ends the header. */
export function contentDisposition(name: string, disposition = 'inline'): string {
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${disposition}; filename*=UTF-8''${encoded}`;
}
