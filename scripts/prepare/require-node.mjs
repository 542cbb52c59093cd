import { readFileSync } from 'node:fs';

/**
 * Leaves with one clear sentence where Node is too old. Imported before anything else, and written
 * so that an old Node can read it: whatever it guards is loaded with `await import()` afterwards.
 */
export function requireNode() {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const needed = manifest.engines.node.replace('>=', '');
  if (isAtLeast(process.versions.node, needed)) return;
  console.error(
    `Whisper Gateway needs Node ${needed} or newer, and this is Node ${process.versions.node}.\n` +
      'Get a newer one from https://nodejs.org or through your version manager, then try again.',
  );
  process.exit(1);
}

function isAtLeast(version, needed) {
  const [major, minor] = version.split('.').map(Number);
  const [neededMajor, neededMinor] = needed.split('.').map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}
