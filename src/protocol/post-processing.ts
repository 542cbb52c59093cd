import { z } from 'zod';

const maxPhrases = 2_000;

const phraseSchema = z.string().min(1).max(100);
const phrasesSchema = z.union([phraseSchema, z.array(phraseSchema).min(1).max(100)], {
  error: 'a phrase of up to 100 characters, or a list of up to 100 such phrases',
});
const languageSchema = z
  .string()
  .regex(/^[a-z]{2,3}$/)
  .optional()
  .describe('ISO 639-1 code: only where this is spoken');

const replacementSchema = z.strictObject({
  from: phrasesSchema.describe('what is heard: a phrase, or a list of them'),
  to: z.string().max(200).describe('what is written; empty leaves it out'),
  language: languageSchema,
});

/** What becomes of heard words before anybody sees them. A misspelt field is refused: it would do nothing. */
export const postProcessingRulesSchema = z.strictObject({
  replacements: z
    .array(replacementSchema)
    .max(500)
    .refine(
      (list) => list.flatMap(({ from }) => from).length <= maxPhrases,
      `more than ${maxPhrases} phrases`,
    )
    .optional()
    .describe('phrases to write otherwise; the first of two for the same phrase counts'),
  mask: z
    .strictObject({
      words: z.array(phraseSchema).max(maxPhrases).describe('words and phrases that are not shown'),
      style: z
        .enum(['letters', 'blank', 'removed'])
        .default('letters')
        .describe('`d***`, `[__]`, or nothing'),
      language: languageSchema,
    })
    .optional(),
  formatting: z
    .enum(['none', 'sentences', 'plain'])
    .optional()
    .describe('`sentences`: they begin with a capital; `plain`: lower case, no punctuation'),
});

/** What one request asks for. */
export const postProcessingSchema = postProcessingRulesSchema.extend({
  profile: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe("one of the gateway's profiles, over which the other fields win"),
});

export type PostProcessingRules = z.infer<typeof postProcessingRulesSchema>;
export type PostProcessingRequest = z.infer<typeof postProcessingSchema>;
