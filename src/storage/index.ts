export {
  type Database,
  type OpenOptions,
  openDatabase,
  type Value,
  whyUnusable,
} from './database.js';
export { freeBytes, requireFree, whileRoom } from './disk-room.js';
