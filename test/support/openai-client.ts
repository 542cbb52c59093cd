import { createReadStream } from 'node:fs';
import OpenAI from 'openai';
import type { Gateway } from '../../src/gateway/index.js';
import { jfkPath } from './jfk.js';

/** The official client, pointed at a gateway; what fails once fails. */
export function openAiClient({ url }: Pick<Gateway, 'url'>, apiKey = 'none'): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
}

/** The 11 s clip, read as it is sent. */
export const jfkFile = () => createReadStream(jfkPath);
