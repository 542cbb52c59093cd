/** A notice that is still to be delivered. */
export interface Delivery {
  readonly id: string;
  readonly url: string;
  readonly body: string;
  /** Those that failed. */
  readonly tries: number;
  readonly dueAtMs: number;
}

/** Notices that are still to be delivered. */
export interface DeliveryStore {
  /** Those that are due first. */
  list(limit: number): Delivery[];
  /** Keeps others from sending it for a while. @returns Whether it is still to be sent, and by this process. */
  take(id: string, untilMs: number): Promise<boolean>;
  /** It was delivered, or given up. */
  settled(id: string): Promise<void>;
  /** It failed, and is to be tried again. */
  failed(id: string, dueAtMs: number): Promise<void>;
}
