import { GatewayError } from '../errors/index.js';

/** Longest part of a name that somebody made up which is said again. */
const maxChars = 100;

/** `model_not_found`, with the names that there are. */
export function modelNotFound(name: string, names: readonly string[]): GatewayError {
  const message = `There is no model "${name.slice(0, maxChars)}" here. There are: ${names.join(', ')}.`;
  return new GatewayError('model_not_found', { message, param: 'model' });
}
