import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigError } from '../config/index.js';
import { GatewayError } from '../errors/index.js';
import {
  type PostProcessingRequest,
  type PostProcessingRules,
  postProcessingRulesSchema,
} from '../protocol/index.js';
import { createPostProcessor, type PostProcessor } from './post-processor.js';
import { loadWordHook } from './word-hook.js';

/**
 * Says what becomes of one caller's words.
 * @param request What was asked for, if anything was.
 * @param profile The caller's own, used where the request names none.
 * @throws GatewayError `bad_field` where there is no such profile.
 */
export type ChoosePostProcessor = (
  request: PostProcessingRequest | undefined,
  profile?: string,
) => PostProcessor;

/** Rules that stand by themselves, whatever becomes of the profile they are from. They survive JSON. */
export interface SettledRules extends PostProcessingRules {
  /** Whether the operator's module is asked as well, where there is one. */
  readonly hooked: boolean;
}

/** What becomes of heard words here. */
export interface PostProcessing {
  readonly choose: ChoosePostProcessor;
  /** As `choose`, for words that are yet to come. */
  readonly settle: (...asked: Parameters<ChoosePostProcessor>) => SettledRules;
  readonly processor: (rules: SettledRules) => PostProcessor;
}

type Profiles = Readonly<Record<string, PostProcessingRules>>;

/** What an operator's file holds. */
const fileSchema = z.strictObject({
  profiles: z.record(z.string().min(1).max(100), postProcessingRulesSchema),
});

/** What callers have who ask for nothing. */
const defaultProfile = 'default';
const builtIn: Profiles = { default: {}, none: {} };

export interface PostProcessingOptions {
  readonly postProcessingFile?: string | undefined;
  readonly postProcessingModule?: string | undefined;
}

/**
 * Reads what the operator set up, once.
 * @param warn Hears what is wrong with the operator's module later.
 * @throws ConfigError where the file or the module cannot be used.
 */
export async function openPostProcessing(
  { postProcessingFile: file, postProcessingModule: module }: PostProcessingOptions,
  warn: (fields: object, message: string) => void,
): Promise<PostProcessing> {
  const profiles = { ...builtIn, ...(file && (await readProfiles(file))) };
  const hook = module ? await loadWordHook(module, warn) : undefined;
  const settle = settling(profiles);
  const processor = ({ hooked, ...rules }: SettledRules) =>
    createPostProcessor(rules, hooked ? hook : undefined);
  return { settle, processor, choose: (...asked) => processor(settle(...asked)) };
}

/** The operator's module is not asked for the profile `none`. */
function settling(profiles: Profiles): PostProcessing['settle'] {
  const known = new Map(Object.entries(profiles));
  return (request = {}, callers = defaultProfile) => {
    const { profile = callers, ...rules } = request;
    const base = known.get(profile);
    if (!base) {
      const names = [...known.keys()].join(', ');
      throw new GatewayError('bad_field', {
        message: `There is no post-processing profile "${profile}". There are ${names}.`,
        param: 'post_processing',
      });
    }
    return { ...base, ...rules, hooked: profile !== 'none' };
  };
}

async function readProfiles(path: string): Promise<Profiles> {
  const unusable = (why: string) => new ConfigError(`POST_PROCESSING_FILE: ${path} ${why}`);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw unusable(`cannot be read: ${(error as Error).message}`);
  }
  const result = fileSchema.safeParse(content);
  if (!result.success) {
    const issues = result.error.issues.map(
      ({ path: at, message }) => `${at.join('.')}: ${message}`,
    );
    throw unusable(`cannot be used: ${issues.join('; ')}`);
  }
  if (Object.hasOwn(result.data.profiles, 'none')) {
    throw unusable('cannot be used: the profile "none" changes nothing and cannot be set.');
  }
  return result.data.profiles;
}
