import { z } from 'zod';

/** The name of a room, which stands in its address: letters and digits of any script, and `. _ ~ -`. */
export const roomNameSchema = z
  .string()
  .regex(
    /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} ._~-]{0,99}$/u,
    'a room has a name of letters, digits, spaces and . _ ~ -, up to 100 characters',
  );
