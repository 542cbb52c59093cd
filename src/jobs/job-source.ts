import type { JobService } from './job-service.js';

/** The jobs of a gateway, wherever they are kept, and whether they can be reached now. */
export interface JobSource {
  /** Whether files become jobs. Those there are go on either way. */
  accepting: boolean;
  /** @throws GatewayError `jobs_unavailable`, `server_draining`. */
  readonly service: JobService;
  /** Null while there are none here. */
  readonly counts: JobService['counts'] | null;
  /** Interrupts what runs. Idempotent. Never rejects. */
  close(): Promise<void>;
}
