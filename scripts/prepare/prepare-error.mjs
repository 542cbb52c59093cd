/** Something is missing on this machine; the message says what and how to mend it. */
export class PrepareError extends Error {}
