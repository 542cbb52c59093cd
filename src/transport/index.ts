export { isAuthorized } from './credentials.js';
export { attachWsStreamServer, streamPath } from './ws-stream-server.js';
