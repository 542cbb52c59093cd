export { listenWithUws } from './uws/uws-stream-server.js';
export { attachWsStreamServer } from './ws-stream-server.js';
