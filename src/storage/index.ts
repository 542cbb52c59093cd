export {
  type Database,
  type OpenOptions,
  openDatabase,
  type Value,
  whyUnusable,
} from './database.js';
