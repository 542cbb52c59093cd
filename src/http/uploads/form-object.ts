import { GatewayError } from '../../errors/index.js';

/** Lists come as `name[]`, once for each value, and objects as `name[key]`. */
const fieldName = /^([^[\]]*)(?:\[([^[\]]*)\])?$/;

/**
 * The fields of a form as JSON would have them.
 * @param lists Names of those that may have several values.
 * @throws GatewayError `bad_field` where any other was sent more than once.
 */
export function formObject(
  fields: ReadonlyMap<string, readonly string[]>,
  lists: readonly string[] = [],
): Record<string, unknown> {
  const object = new Map<string, unknown>();
  for (const [full, values] of fields) {
    const [, name = full, key] = fieldName.exec(full) ?? [];
    if (lists.includes(name)) {
      object.set(name, [...((object.get(name) as string[] | undefined) ?? []), ...values]);
    } else if (key) {
      object.set(name, { ...(object.get(name) as object | undefined), [key]: values.at(-1) });
    } else if (values.length === 1) {
      // An empty value is how some clients say that they leave a field out.
      if (values[0] !== '') object.set(name, values[0]);
    } else {
      const message = `${name} was sent ${values.length} times.`;
      throw new GatewayError('bad_field', { message, param: name });
    }
  }
  return Object.fromEntries(object);
}
