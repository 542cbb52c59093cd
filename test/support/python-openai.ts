import { join } from 'node:path';
import { pythonPackage } from './python-package.js';

/** A Python that has OpenAI's official client; null where it cannot be had. */
export async function pythonWithOpenAi(): Promise<string | null> {
  const programs = await pythonPackage('openai', '3.54.0');
  return programs && join(programs, 'python');
}
