import type { JsonSchema } from './openapi-document.js';

/** A field of a body, for people. */
export interface SchemaField {
  /** With what it stands in: `lanes.final.running`, `data[].id`. */
  readonly path: string;
  readonly type: string;
  readonly needed: boolean;
  readonly schema: JsonSchema;
}

/** The fields of an object, and those of the objects in it; of alternatives, those of each. */
export function schemaFields(schema: JsonSchema, prefix = ''): SchemaField[] {
  const required = (schema.required ?? []) as string[];
  const own = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const fields = own.flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const needed = required.includes(name);
    return [{ path, type: typeName(field), needed, schema: field }, ...inner(field, path)];
  });
  const ofAlternatives = alternatives(schema).flatMap((each) => schemaFields(each, prefix));
  const seen = new Set<string>();
  return [...fields, ...ofAlternatives].filter(({ path }) => !seen.has(path) && seen.add(path));
}

/** What a value may be, in a few words. */
export function typeName(schema: JsonSchema): string {
  const { type, const: only, enum: values, items, format } = schema;
  if (only !== undefined) return JSON.stringify(only);
  if (values) return (values as unknown[]).map((value) => JSON.stringify(value)).join(' or ');
  const either = alternatives(schema);
  if (either.length > 0) return either.map(typeName).join(' or ');
  if (type === 'array') return `list of ${typeName((items ?? {}) as JsonSchema)}`;
  if (format === 'binary') return 'file';
  if (typeof type !== 'string') return 'anything';
  return type + boundsOf(schema);
}

function inner(field: JsonSchema, path: string): SchemaField[] {
  return field.type === 'array'
    ? schemaFields((field.items ?? {}) as JsonSchema, `${path}[].`)
    : schemaFields(field, `${path}.`);
}

function alternatives({ anyOf, oneOf }: JsonSchema): JsonSchema[] {
  return (anyOf ?? oneOf ?? []) as JsonSchema[];
}

function boundsOf({ minimum, maximum, maxLength }: JsonSchema): string {
  // JSON Schema writes "any integer" as the range that JavaScript counts exactly.
  const [from, to] = [minimum, maximum].map((bound) =>
    Math.abs(Number(bound)) < Number.MAX_SAFE_INTEGER ? bound : undefined,
  );
  if (from !== undefined && to !== undefined) return ` from ${from} to ${to}`;
  if (from !== undefined) return `, ${from} or more`;
  return maxLength === undefined ? '' : `, up to ${maxLength} characters`;
}
