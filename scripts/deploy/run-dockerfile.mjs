import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';

/**
 * Runs a Dockerfile in plain folders, where there is no container engine: each stage has a folder that is
 * its root. What installs packages of a distribution is left out, so those have to be on this machine.
 *
 * @param {string} file
 * @param {{ context: string, work: string, given?: Record<string, string> }} options `given` are
 *   stages that were made before, by name: the folder that is their `/app`.
 * @returns {{ root: string, cwd: string, env: Record<string, string>, command: string[], health: string[], leftOut: string[] }}
 *   The last stage, and what its image would run.
 */
export function runDockerfile(file, { context, work, given = {} }) {
  const stages = new Map();
  const leftOut = [];
  let stage;
  for (const { name, words } of instructionsOf(readFileSync(file, 'utf8'))) {
    switch (name) {
      case 'FROM': {
        const [image, , alias = `stage-${stages.size}`] = words.split(/\s+/);
        stage = openStage(alias, image, work, given);
        stages.set(alias, stage);
        break;
      }
      case 'WORKDIR':
        stage.workdir = words;
        mkdirSync(stage.path('.'), { recursive: true });
        break;
      case 'ARG':
      case 'ENV':
        Object.assign(stage.env, assignments(words));
        break;
      case 'COPY':
        if (!stage.given) copy(words, stage, stages, context, leftOut);
        break;
      case 'RUN':
        if (!stage.given) run(words, stage, leftOut);
        break;
      case 'HEALTHCHECK':
        stage.health = JSON.parse(words.slice(words.indexOf('[')));
        break;
      case 'ENTRYPOINT':
        stage.entrypoint = JSON.parse(words);
        break;
      case 'CMD':
        stage.command = JSON.parse(words);
        break;
      case 'VOLUME':
        mkdirSync(stage.path(words), { recursive: true });
        break;
      case 'EXPOSE':
      case 'USER':
        break;
      default:
        throw new Error(`${name} is not known here.`);
    }
  }
  const { root, env, health, entrypoint, command } = stage;
  const inside = ([key, value]) => [key, value.startsWith('/') ? stage.path(value) : value];
  return {
    root,
    cwd: stage.path('.'),
    env: Object.fromEntries(Object.entries(env).map(inside)),
    command: [...entrypoint, ...command],
    health,
    leftOut,
  };
}

function openStage(alias, image, work, given) {
  const root = join(work, alias);
  if (!given[alias]) mkdirSync(root, { recursive: true });
  const stage = {
    image,
    root,
    given: given[alias],
    workdir: '/',
    env: {},
    health: [],
    entrypoint: [],
    command: [],
    /** Where a path of the image is on this machine. */
    path(inImage) {
      const absolute = posix.resolve(stage.workdir, inImage);
      if (stage.given) return join(stage.given, posix.relative('/app', absolute));
      return join(root, absolute);
    },
  };
  return stage;
}

function copy(words, stage, stages, context, leftOut) {
  const parts = words.split(/\s+/);
  const from = parts.find((part) => part.startsWith('--from='))?.slice('--from='.length);
  const paths = parts.filter((part) => !part.startsWith('--'));
  const to = paths.pop();
  const source = from && stages.get(from);
  // An image that is taken as it is: its programs have to be on this machine.
  if (source && !source.given && source.workdir === '/') {
    leftOut.push(`COPY ${words}`);
    return;
  }
  for (const path of paths) {
    const origin = source ? source.path(path) : join(context, path);
    // A folder's contents are copied, a file keeps its name in a folder.
    const intoFolder = to.endsWith('/') && !statSync(origin).isDirectory();
    const target = stage.path(intoFolder ? join(to, basename(path)) : to);
    mkdirSync(dirname(target), { recursive: true });
    if (source) link(origin, target);
    else cpSync(origin, target, { recursive: true, verbatimSymlinks: true });
  }
}

/** What one stage has made is copied to another as hard links, where both are on one disk. */
function link(origin, target) {
  const how = ['--recursive', '--no-dereference', '--no-target-directory', origin, target];
  if (spawnSync('cp', ['--link', ...how]).status === 0) return;
  const { status } = spawnSync('cp', how, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${origin} could not be copied.`);
}

/** Commands that need another root, or belong to the distribution. */
const ofTheSystem = /^(apt-get|rm -rf \/var|install -d|ln -s \.\.\/lib\/node_modules)\b/;

function run(words, stage, leftOut) {
  if (words.split('&&').every((command) => ofTheSystem.test(command.trim()))) {
    leftOut.push(`RUN ${words}`);
    return;
  }
  const { status } = spawnSync('/bin/sh', ['-ec', words], {
    cwd: stage.path('.'),
    env: { ...process.env, ...stage.env },
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`"${words}" ended with ${status}.`);
}

/** Instructions with their words on one line. */
function instructionsOf(text) {
  const lines = text
    .replace(/^\s*#.*$/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n');
  return lines.flatMap((line) => {
    const [, name, words] = /^(\w+)\s+(.+)$/.exec(line.trim()) ?? [];
    return name ? [{ name, words: words.replace(/\s+/g, ' ') }] : [];
  });
}

function assignments(words) {
  const pairs = words.matchAll(/(\w+)=("[^"]*"|\S+)/g);
  return Object.fromEntries([...pairs].map(([, key, value]) => [key, value.replaceAll('"', '')]));
}

/** Whether a file of the context is kept back by a `.dockerignore` whose first line leaves out everything. */
export function isIgnored(path, rules) {
  let ignored = false;
  for (const rule of rules) {
    const pattern = rule.replace(/^!/, '').replaceAll('.', '\\.').replaceAll('*', '[^/]*');
    if (new RegExp(`^${pattern}(/|$)`).test(path)) ignored = !rule.startsWith('!');
  }
  return ignored;
}

/** The rules of a `.dockerignore`. */
export function readIgnored(file) {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}
