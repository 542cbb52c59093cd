// node scripts/try-dockerfile.mjs deploy/docker/Dockerfile FOLDER: runs its commands in order below an empty folder, where
// there is no container engine, starts what the image would start, and asks its health check.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isIgnored, readIgnored, runDockerfile } from './deploy/run-dockerfile.mjs';
import { packageRoot } from './prepare/package-root.mjs';

const [file, folder] = process.argv.slice(2).map((path) => resolve(path));
if (!file || !folder || existsSync(folder)) {
  console.error('It takes a Dockerfile and the name of a folder that is not there yet.');
  process.exit(2);
}

const context = join(folder, 'context');
const rules = readIgnored(`${file}.dockerignore`);
const tracked = execFileSync('git', ['ls-files'], { cwd: packageRoot, encoding: 'utf8' });
for (const name of tracked.split('\n').filter((name) => name && !isIgnored(name, rules))) {
  cpSync(join(packageRoot, name), join(context, name));
}

const image = runDockerfile(file, { context, work: folder });
console.log(`\nLeft out:\n  ${image.leftOut.join('\n  ')}\n`);
const env = { PATH: process.env.PATH, ...image.env, HOST: '127.0.0.1', PORT: '18080' };
const [program, ...args] = withoutTini(image.command);
const child = spawn(program, args, { cwd: image.cwd, env, stdio: 'inherit' });
const ended = once(child, 'exit');
child.once('exit', (code) => (process.exitCode = code ?? 1));
const [asking, ...words] = image.health;
while (spawnSync(asking, words, { cwd: image.cwd, env, stdio: 'inherit' }).status !== 0) {
  if (child.exitCode !== null) throw new Error('It ended before it was healthy.');
  await new Promise((later) => setTimeout(later, 500));
}
child.kill('SIGTERM');
await ended;

function withoutTini(command) {
  const has = spawnSync('tini', ['--version']).error === undefined;
  return has ? command : command.filter((word) => word !== 'tini' && word !== '--');
}
