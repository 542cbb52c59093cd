export { catalog, type ErrorCode, type ErrorEntry } from './catalog.js';
export { GatewayError } from './gateway-error.js';
export { isDiskFull } from './is-disk-full.js';
