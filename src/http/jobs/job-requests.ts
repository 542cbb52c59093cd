import { GatewayError } from '../../errors/index.js';
import type { JobRequest, ListOptions } from '../../jobs/index.js';
import { parseRequest } from '../parse-request.js';
import { jobForm, jobListQuery } from './job-schemas.js';

/** @throws GatewayError `bad_field`, with the field as its `param`. */
export function parseJobForm(
  fields: ReadonlyMap<string, readonly string[]>,
  defaults: Pick<JobRequest['options'], 'chineseScript'>,
): JobRequest {
  const { priority, reference, webhook_url, chinese_script, ...options } = parseRequest(
    jobForm,
    Object.fromEntries([...fields].flatMap(given)),
  );
  return {
    options: { ...options, chineseScript: chinese_script ?? defaults.chineseScript },
    priority,
    reference: reference ?? null,
    webhookUrl: webhook_url ?? null,
  };
}

/** A field with its value; nothing where that is empty, which is how some clients leave it out. */
function given([name, values]: [string, readonly string[]]): [string, string | undefined][] {
  if (values.length > 1) {
    const message = `${name} was sent ${values.length} times.`;
    throw new GatewayError('bad_field', { message, param: name });
  }
  return values[0] === '' ? [] : [[name, values[0]]];
}

/** @throws GatewayError `bad_field`, with the field as its `param`. */
export function parseListQuery(query: unknown): ListOptions {
  const { state, ...others } = parseRequest(jobListQuery, query);
  return { states: state, ...others };
}
