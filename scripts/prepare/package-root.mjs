import { fileURLToPath } from 'node:url';

/** The folder that holds `package.json`. */
export const packageRoot = fileURLToPath(new URL('../../', import.meta.url));
