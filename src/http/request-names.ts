import type { PostProcessing } from '../post-processing/index.js';

/** What a request may name. */
export interface RequestNames {
  /** Refuses what transcribes nothing here. @throws GatewayError `model_not_found`. */
  assertModel(name: string): Promise<void>;
  /** @throws GatewayError `bad_field`, from `choose` and `settle`, where there is no such profile. */
  readonly postProcessing: PostProcessing;
}
