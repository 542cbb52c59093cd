import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

/** What a viewer looks at in what it is sent. */
export interface Seen {
  readonly type: string;
  readonly session_id?: string;
  readonly seq?: number;
  readonly text?: string;
  readonly sessions?: readonly { finals: { text: string }[] }[];
}

/** Watches a room by WebSocket. @param url Where sockets are opened. */
export async function watchRoom(url: string, path: string) {
  const seen: Seen[] = [];
  const socket = new WebSocket(url.replace(/^http/, 'ws') + path);
  onTestFinished(() => socket.terminate());
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  socket.on('message', (data) => seen.push(JSON.parse(String(data)) as Seen));
  await once(socket, 'open');
  return { seen, socket, closed };
}
