import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { packageRoot } from '../../src/config/index.js';

const folder = join(packageRoot, 'test/fixtures/meeting');
const files: Readonly<Record<string, readonly [string, string]>> = {
  '/': ['meeting.html', 'text/html'],
  '/jitsi': ['jitsi.html', 'text/html'],
  '/mesh.js': ['mesh.js', 'text/javascript'],
};

/** A meeting of our own: its page, and the server through which its participants find each other. */
export interface MeetingServer {
  readonly url: string;
  /** While false, nobody is let in. */
  admits: boolean;
  /** Names of those who are in. */
  names(): string[];
}

/** Closed when the test is over. */
export async function startMeetingServer(): Promise<MeetingServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const [name, type] = files[pathname] ?? [];
    if (!name) {
      response.writeHead(404).end('Nothing is here.');
      return;
    }
    // As strict as pages are: the bot has to get by with it.
    const policy = "default-src 'self' 'unsafe-inline'; connect-src 'self' ws:; worker-src 'none'";
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy });
    response.end(readFileSync(join(folder, name)));
  });
  const members = new Map<string, { readonly name: string; readonly socket: WebSocket }>();
  const sockets = new WebSocketServer({ server, path: '/signals' });
  let count = 0;
  sockets.on('connection', (socket, request) => {
    if (!meeting.admits) return;
    const id = `p${++count}`;
    const name = new URL(request.url ?? '/', 'http://localhost').searchParams.get('name') ?? '';
    const say = (to: WebSocket, message: object) => to.send(JSON.stringify(message));
    const peers = [...members].map(([other, member]) => ({ id: other, name: member.name }));
    for (const other of members.values()) say(other.socket, { type: 'joined', peer: { id, name } });
    members.set(id, { name, socket });
    say(socket, { type: 'welcome', id, peers });
    socket.on('message', (text) => {
      const { to, data } = JSON.parse(String(text)) as { to: string; data: unknown };
      const peer = members.get(to);
      if (peer) say(peer.socket, { type: 'signal', from: id, data });
    });
    socket.on('close', () => {
      members.delete(id);
      for (const other of members.values()) say(other.socket, { type: 'left', id });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  const meeting: MeetingServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    admits: true,
    names: () => [...members.values()].map(({ name }) => name),
  };
  return meeting;
}
