import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openDatabase } from '../../src/jobs/sqlite/database.js';
import { SqliteJobStore } from '../../src/jobs/sqlite/sqlite-job-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { jobStoreContract } from './job-store-contract.js';

jobStoreContract('SQLite', async () => {
  const store = new SqliteJobStore(openDatabase(join(temporaryFolder(), 'jobs.sqlite')));
  onTestFinished(() => store.close());
  return store;
});
