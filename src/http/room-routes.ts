import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { requireRoom } from '../access/index.js';
import { roomNameSchema } from '../protocol/index.js';
import type { RoomMessage, Rooms, ViewerSink } from '../rooms/index.js';
import { callerOf } from './access/index.js';
import { operation } from './openapi/index.js';
import { parseRequest } from './parse-request.js';

const roomParams = z.object({ room: roomNameSchema });

const watchOperation = operation({
  endless: true,
  scope: 'watch',
  tag: 'Rooms',
  summary: 'Live captions of everybody in a room',
  description:
    'Server-sent events that never end: a `snapshot`, then what is said. The same by WebSocket; see protocol.md.',
  params: roomParams,
  answers: {
    200: { description: 'They begin at once.', content: { 'text/event-stream': z.string() } },
  },
  errors: [
    'bad_request',
    'bad_field',
    'room_not_allowed',
    'too_many_connections',
    'too_many_rooms',
    'too_many_viewers',
    'server_draining',
  ],
});

const captionsOperation = operation({
  scope: 'watch',
  tag: 'Rooms',
  summary: 'What was said in a room so far, as WebVTT',
  params: roomParams,
  answers: { 200: { description: 'The finals.', content: { 'text/vtt': z.string() } } },
  errors: ['bad_request', 'bad_field', 'room_not_allowed', 'not_found'],
});

/** `GET /v1/rooms/{room}/captions`, as server-sent events, and `captions.vtt` beside it. */
export function roomRoutes(app: FastifyInstance, rooms: Rooms): void {
  // A HEAD request would never end.
  const endless = { exposeHeadRoute: false, ...watchOperation };
  app.get('/v1/rooms/:room/captions', endless, (request, reply) => {
    const { room } = parseRequest(roomParams, request.params);
    requireRoom(callerOf(request), room);
    const watching = rooms.watch(room, new EventStream(reply.raw));
    reply.hijack();
    reply.raw.on('close', () => watching.leave());
  });

  app.get('/v1/rooms/:room/captions.vtt', captionsOperation, async (request, reply) => {
    const { room } = parseRequest(roomParams, request.params);
    requireRoom(callerOf(request), room);
    return reply
      .type('text/vtt; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(await rooms.captions(room));
  });
}

/** A viewer that reads server-sent events. */
class EventStream implements ViewerSink {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    // A reset is followed by a close, which is all that matters.
    response.on('error', () => {});
  }

  get unreadBytes(): number {
    return this.#response.writableLength;
  }

  send(message: RoomMessage, written: () => void): void {
    if (!this.#response.headersSent) {
      this.#response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
        // nginx would collect events before it passes them on.
        'x-accel-buffering': 'no',
      });
    }
    if (!this.#response.writableEnded) this.#response.write(message.serverSentEvent, written);
  }

  ping(): void {
    if (!this.#response.writableEnded) this.#response.write(':\n\n');
  }

  /** Server-sent events know no reason: a client connects again, and is refused. */
  close(): void {
    this.#response.end();
  }

  terminate(): void {
    this.#response.destroy();
  }
}
