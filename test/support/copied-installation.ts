import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/config/index.js';
import { temporaryFolder } from './temporary-folder.js';

/** The addon of this installation. */
const addon = join(packageRoot, 'build/cpu/whisper_gateway.node');

/**
 * An installation of its own whose engine is not built. In the place of the build, which takes minutes,
 * it has a script that puts the addon of this installation in place.
 */
export function copiedInstallation(): { root: string; addon: string } {
  const root = temporaryFolder();
  cpSync(join(packageRoot, 'dist'), join(root, 'dist'), { recursive: true });
  for (const name of ['package.json', 'node_modules', 'models']) {
    symlinkSync(join(packageRoot, name), join(root, name));
  }
  mkdirSync(join(root, 'scripts'));
  mkdirSync(join(root, 'build/cpu'), { recursive: true });
  const target = join(root, 'build/cpu/whisper_gateway.node');
  writeFileSync(
    join(root, 'scripts/build-native.mjs'),
    `import { copyFileSync } from 'node:fs';
    console.log('building', ...process.argv.slice(2));
    copyFileSync(${JSON.stringify(addon)}, ${JSON.stringify(target)});`,
  );
  return { root, addon: target };
}
