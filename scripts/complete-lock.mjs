// node scripts/complete-lock.mjs [--check]: run after `npm install` has changed package-lock.json.
//
// A registry mirror may lack the binaries of systems that nobody near it uses. npm then leaves those
// optional packages out of the lock file, and afterwards refuses to install from it ("Missing: … from
// lock file"). This names them, without checksums: npm skips them on every other system, and fetches
// the version their parent asks for on their own.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './prepare/package-root.mjs';

const file = join(packageRoot, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = [];

for (const [parent, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(parent, name)) continue;
    // A range would have to be resolved, which takes a registry that has the package.
    if (!/^\d+\.\d+\.\d+/.test(version)) throw new Error(`${name}@${version} is no exact version.`);
    lock.packages[`node_modules/${name}`] = { version, ...platformOf(name), ...(dev && { dev }) };
    added.push(`${name}@${version}`);
  }
}
if (added.length === 0) {
  console.log('Nothing is missing.');
} else if (process.argv.includes('--check')) {
  console.error(`Missing: ${added.join(', ')}.`);
  process.exitCode = 1;
} else {
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  const complete = { ...lock, packages: Object.fromEntries(sorted) };
  writeFileSync(file, `${JSON.stringify(complete, null, 2)}\n`);
  console.log(`Added ${added.join(', ')}.`);
}

/** Whether Node's lookup from the parent's folder would find an entry. */
function isLocked(parent, name) {
  for (let folder = parent; ; folder = folder.slice(0, folder.lastIndexOf('/node_modules/'))) {
    if (lock.packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true;
    if (!folder.includes('/node_modules/')) return Boolean(lock.packages[`node_modules/${name}`]);
  }
}

/** Platform packages end in their system, CPU and C library, as in `binding-linux-x64-musl`. */
function platformOf(name) {
  const parts = name.split(/[-/]/);
  const system = parts.findIndex((part) =>
    /^(aix|android|darwin|\w*bsd|linux|openharmony|win32)$/.test(part),
  );
  if (system < 0) throw new Error(`${name} does not name a system.`);
  const libc = { gnu: ['glibc'], musl: ['musl'] }[parts[system + 2]];
  return {
    cpu: [parts[system + 1]],
    ...(libc && { libc }),
    optional: true,
    os: [parts[system]],
  };
}
