import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayError } from '../../errors/index.js';
import { JobService } from '../job-service.js';
import type { JobServiceOptions } from '../job-service-options.js';
import { UploadFolder } from '../upload-folder.js';
import { openDatabase } from './database.js';
import { SqliteJobStore } from './sqlite-job-store.js';

/** In the data folder, beside the folder of the uploads. */
export const databaseFile = 'jobs.sqlite';
const uploadsFolder = 'uploads';

/**
 * Jobs of this gateway alone, in its data folder.
 * @throws GatewayError `jobs_unavailable`, which says why.
 */
export function openSqliteJobs(options: JobServiceOptions): JobService {
  const { dataDir } = options;
  try {
    mkdirSync(dataDir, { recursive: true });
    const uploads = new UploadFolder(join(dataDir, uploadsFolder));
    const database = openDatabase(join(dataDir, databaseFile));
    try {
      const store = new SqliteJobStore(database);
      const resumed = store.resume();
      uploads.tidy(store.ids());
      options.log.info({ resumed, waiting: store.count('queued') }, 'jobs opened');
      return new JobService(options, store, uploads);
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('jobs_unavailable', {
      message: `The folder ${dataDir} cannot be used: ${(cause as Error).message}.`,
      cause,
    });
  }
}
