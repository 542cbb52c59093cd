export { isAuthorized } from './credentials.js';
export { attachWsStreamServer } from './ws-stream-server.js';
