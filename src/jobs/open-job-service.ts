import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayError } from '../errors/index.js';
import { openDatabase } from './database.js';
import { JobService } from './job-service.js';
import type { JobServiceOptions } from './job-service-options.js';
import { UploadFolder } from './upload-folder.js';

/** In the data folder, beside the folder of the uploads. */
export const databaseFile = 'jobs.sqlite';
const uploadsFolder = 'uploads';

/** @throws GatewayError `jobs_unavailable`, which says why. */
export function openJobService(options: JobServiceOptions): JobService {
  const { dataDir } = options;
  try {
    mkdirSync(dataDir, { recursive: true });
    const uploads = new UploadFolder(join(dataDir, uploadsFolder));
    const database = openDatabase(join(dataDir, databaseFile));
    try {
      return new JobService(options, database, uploads);
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
