/** Why a streaming socket is closed; `catalog` in `errors` says which code follows which error. */
export const closeCodes = {
  done: 1000,
  draining: 1001,
  notAudio: 1003,
  policy: 1008,
  frameTooBig: 1009,
  internal: 1011,
  badMessage: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  idle: 4408,
  takenOver: 4409,
  overLimit: 4429,
  noCapacity: 4503,
} as const;
