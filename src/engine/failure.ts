import { GatewayError } from '../errors/index.js';
import type { Failure } from './messages.js';

/** An error as it travels to the parent. What is no `GatewayError` is a defect of the child's code. */
export function toFailure(error: unknown): Failure {
  const { code, message, cause } = GatewayError.from(error);
  const detail = cause instanceof Error ? (cause.stack ?? cause.message) : cause;
  return { code, message, detail: detail === undefined ? null : String(detail) };
}

/** The error again, on the other side. */
export function fromFailure({ code, message, detail }: Failure): GatewayError {
  return new GatewayError(code, { message, ...(detail && { cause: new Error(detail) }) });
}
