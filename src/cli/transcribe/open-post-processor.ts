import type { Config } from '../../config/index.js';
import { GatewayError } from '../../errors/index.js';
import { openPostProcessing, type PostProcessor } from '../../post-processing/index.js';
import { CommandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import {
  type PostProcessingOptions,
  readPostProcessing,
} from '../post-processing/read-post-processing.js';

/**
 * What becomes of heard words, as the settings and the command line say.
 * @throws ConfigError or CommandError where these cannot be used.
 */
export async function openPostProcessor(
  config: Config,
  options: PostProcessingOptions,
): Promise<PostProcessor> {
  const warn = (_: object, message: string) => void process.stderr.write(`${message}\n`);
  const { choose } = await openPostProcessing(config, warn);
  const asked = await readPostProcessing(options);
  try {
    return choose(asked);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new CommandError(exitCodes.unusable, error.message);
  }
}
