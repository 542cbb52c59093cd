import { GatewayError } from '../errors/index.js';
import { type ClientMessage, clientMessageSchema, clientMessageTypes } from './client-messages.js';

/** A text frame, understood; or the unknown `type` it carries, which gets a warning. */
export type ParsedMessage =
  | { readonly kind: 'message'; readonly message: ClientMessage }
  | { readonly kind: 'unknown_type'; readonly type: string };

/**
 * Reads one text frame.
 * @throws GatewayError `bad_message` where it is no JSON object with a `type`, `bad_field` where a
 *   known type has a field of the wrong type or value.
 */
export function parseClientMessage(text: string): ParsedMessage {
  const type = readType(text);
  if (!clientMessageTypes.has(type.name)) return { kind: 'unknown_type', type: type.name };
  const result = clientMessageSchema.safeParse(type.value);
  if (result.success) return { kind: 'message', message: result.data };
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') || 'type';
  throw new GatewayError('bad_field', {
    message: `The field "${field}" of ${type.name} cannot be used: ${issue?.message ?? 'unknown'}.`,
  });
}

function readType(text: string): { name: string; value: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('bad_message', { cause });
  }
  const name = (value as { type?: unknown } | null)?.type;
  if (typeof name !== 'string' || Array.isArray(value)) throw new GatewayError('bad_message');
  return { name, value };
}
