import type { JobRequest, ListOptions } from '../../jobs/index.js';
import { parseRequest } from '../parse-request.js';
import type { RequestNames } from '../request-names.js';
import { formObject } from '../uploads/form-object.js';
import { jobForm, jobListQuery } from './job-schemas.js';

/** @throws GatewayError `bad_field`, with the field as its `param`; `model_not_found`. */
export async function readJobForm(
  fields: ReadonlyMap<string, readonly string[]>,
  defaults: Pick<JobRequest['options'], 'chineseScript'>,
  names: RequestNames,
): Promise<Omit<JobRequest, 'owner'>> {
  const form = parseRequest(jobForm, formObject(fields));
  const { priority, reference, webhook_url, chinese_script, post_processing, ...options } = form;
  await names.assertModel(options.model);
  return {
    options: {
      ...options,
      chineseScript: chinese_script ?? defaults.chineseScript,
      postProcessing: post_processing ?? null,
    },
    rules: names.postProcessing.settle(post_processing),
    priority,
    reference: reference ?? null,
    webhookUrl: webhook_url ?? null,
  };
}

/** @throws GatewayError `bad_field`, with the field as its `param`. */
export function parseListQuery(query: unknown): Omit<ListOptions, 'owner'> {
  const { state, ...others } = parseRequest(jobListQuery, query);
  return { states: state, ...others };
}
