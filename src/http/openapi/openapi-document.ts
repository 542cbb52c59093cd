import { z } from 'zod';
import { catalog, type ErrorCode } from '../../errors/index.js';
import { openAiErrorSchema } from '../openai-error.js';
import type { Content, Operation } from './operation.js';
import type { DescribedRoute } from './route-table.js';

/** JSON Schema 2020-12, as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: Readonly<Record<'title' | 'version' | 'description', string>>;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: object;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: OpenApiSecurity;
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required: true; readonly content: OpenApiContent };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
}

/** Ways to show a key, each with the scope that it has to have; `{}` is none at all. */
type OpenApiSecurity = readonly Readonly<Record<string, readonly string[]>>[];

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: JsonSchema;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly content: OpenApiContent;
}

type OpenApiContent = Readonly<Record<string, { readonly schema: JsonSchema }>>;

const description = `Live audio is streamed over a WebSocket at \`/v1/stream\`, which OpenAPI cannot describe: see
docs/protocol.md. Errors have OpenAI's shape; their codes are in docs/errors.md. A known address that is asked by another
method answers 405 with \`Allow\`; every GET can be a HEAD.`;

/** What any route that asks for a key may answer. */
const everywhere: readonly ErrorCode[] = [
  'invalid_api_key',
  'origin_not_allowed',
  'rate_limit_exceeded',
  'internal_error',
];
const schemes = ['bearer', 'token'] as const;

/** What the routes do, in OpenAPI 3.1. @param needsKey Whether this gateway wants a key. */
export function openApiDocument(
  routes: readonly DescribedRoute[],
  { version, needsKey }: { readonly version: string; readonly needsKey: boolean },
): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  // Fastify adds a HEAD to every GET.
  for (const { method, path, operation } of routes.filter(({ method }) => method !== 'HEAD')) {
    const operations = paths[path] ?? {};
    paths[path] = operations;
    operations[method.toLowerCase()] = {
      ...toOpenApi(`${method} ${path}`, operation),
      security: securityOf(operation, needsKey),
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Whisper Gateway', version, description: description.replaceAll('\n', ' ') },
    tags: [...new Set(routes.map(({ operation }) => operation.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'A key, or a token made with one: see docs/access.md.',
        },
        token: {
          type: 'apiKey',
          in: 'query',
          name: 'token',
          description: 'The same in the address, which others may see: better a token.',
        },
      },
      schemas: { Error: jsonSchema(openAiErrorSchema, 'output') },
    },
  };
}

function securityOf({ scope }: Operation, needsKey: boolean): OpenApiSecurity {
  if (scope === 'none') return [];
  const keys = schemes.map((scheme) => ({ [scheme]: scope === 'any' ? [] : [scope] }));
  return needsKey ? keys : [{}, ...keys];
}

function toOpenApi(name: string, described: Operation): Omit<OpenApiOperation, 'security'> {
  const { tag, summary, params, query, body, answers, errors = [] } = described;
  const parameters = [...parametersOf(params, 'path'), ...parametersOf(query, 'query')];
  const documented = Object.entries(answers).map(([status, answer]) => [
    status,
    { description: answer.description, content: contentOf(answer.content, 'output') },
  ]);
  return {
    operationId: name.replace(/\W+/g, '_').replace(/_$/, '').toLowerCase(),
    tags: [tag],
    summary,
    ...(described.description && { description: described.description }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: contentOf(body, 'input') } }),
    responses: {
      ...Object.fromEntries(documented),
      ...refusals([...new Set([...errors, ...usualErrors(described)])]),
    },
  };
}

/** Beside what the operation itself may be refused with. */
function usualErrors({ scope, endless }: Operation): readonly ErrorCode[] {
  if (scope === 'none') return ['internal_error'];
  return [
    ...everywhere,
    ...(scope === 'any' ? [] : (['insufficient_scope'] as const)),
    ...(endless ? (['too_many_connections'] as const) : []),
  ];
}

function parametersOf(
  schema: z.ZodObject | undefined,
  where: 'path' | 'query',
): OpenApiParameter[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: property,
  }));
}

function contentOf(content: Content, io: 'input' | 'output'): OpenApiContent {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema]) => [type, { schema: jsonSchema(schema, io) }]),
  );
}

/** An answer for each status that the codes have; its schema allows these codes alone. */
function refusals(codes: readonly ErrorCode[]): Record<string, OpenApiResponse> {
  const statuses = [...new Set(codes.map((code) => catalog[code].status))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = codes.filter((code) => catalog[code].status === status);
      const code = { enum: ofStatus };
      const narrowed = { properties: { error: { properties: { code } } } };
      const schema = { allOf: [{ $ref: '#/components/schemas/Error' }, narrowed] };
      const lines = ofStatus.map((each) => `\`${each}\`: ${catalog[each].message}`);
      return [
        String(status),
        { description: lines.join('\n\n'), content: { 'application/json': { schema } } },
      ];
    }),
  );
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
