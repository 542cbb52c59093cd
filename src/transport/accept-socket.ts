import { type Access, type AccessRequest, type Caller, requireRoom } from '../access/index.js';
import { GatewayError } from '../errors/index.js';
import { failedEvent } from '../protocol/index.js';
import type { Rooms } from '../rooms/index.js';
import type { SessionRegistry } from '../session/index.js';
import { requestIdOf, withinRequest } from '../telemetry/index.js';
import { Connection, type ConnectionOptions } from './connection.js';
import type { Socket } from './socket.js';
import type { StreamTarget } from './stream-target.js';
import { ViewerSocket } from './viewer-socket.js';

/** What sockets are connected with, whichever server accepts them. */
export interface StreamServerDependencies {
  readonly access: Access;
  readonly registry: SessionRegistry;
  readonly rooms: Rooms;
  readonly onRefused: (code: string) => void;
  readonly debug: (fields: object, message: string) => void;
}

export interface StreamServerOptions extends ConnectionOptions {
  readonly maxFrameBytes: number;
}

/** Joins an open socket to what it was opened for, or tells it why not. */
export function acceptSocket(
  socket: Socket,
  request: AccessRequest,
  { room }: StreamTarget,
  deps: StreamServerDependencies,
  options: ConnectionOptions,
): void {
  const context = { requestId: requestIdOf(request), over: false };
  try {
    const caller = deps.access.admit(request, room === null ? 'stream' : 'watch');
    // A session says of itself which request it came with, for as long as it lives.
    if (room === null) withinRequest(context, () => stream(socket, caller, deps, options));
    else watch(socket, caller, room, deps);
    context.over = true;
  } catch (thrown) {
    // Browsers cannot read the status of a refused upgrade, so a refusal is an event and a close code.
    const error = GatewayError.from(thrown);
    deps.onRefused(error.code);
    socket.send(JSON.stringify(failedEvent(error, true)));
    socket.close(error.closeCode, error.code);
  }
}

function stream(
  socket: Socket,
  caller: Caller,
  deps: StreamServerDependencies,
  options: ConnectionOptions,
): void {
  const connection = new Connection(socket, options, { ...deps, caller });
  socket.listen(connection);
  socket.whenClosed(deps.access.attend(caller, (error) => connection.expel(error)));
}

function watch(
  socket: Socket,
  caller: Caller,
  room: string,
  { access, rooms }: StreamServerDependencies,
): void {
  requireRoom(caller, room);
  socket.whenClosed(access.connect(caller));
  const watching = rooms.watch(room, new ViewerSocket(socket));
  socket.whenClosed(() => watching.leave());
  socket.whenClosed(access.attend(caller, ({ closeCode, code }) => socket.close(closeCode, code)));
}
