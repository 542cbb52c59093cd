import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const isCheckout = existsSync(join(root, '.git'));

describe.skipIf(!isCheckout)('what is in the repository', () => {
  const files = isCheckout ? listFiles() : [];
  const texts = files.filter(isText);

  it('has no large files but models', () => {
    const large = files.filter((file) => statSync(join(root, file)).size > 3_000_000);
    expect(large.filter((file) => !file.startsWith('models/'))).toEqual([]);
  });

  it('names no folder of the machine it was written on', () => {
    // Absolute paths only; the names are written so that this file does not match itself.
    const folder = /(?:^|[\s"'`(=:])\/(?:wor[k]|roo[t]|home\/\w+)\//m;
    const naming = texts.filter((file) => folder.test(read(file)));
    expect(naming).toEqual([]);
  });

  it('focuses no test, and skips tests by a condition only', () => {
    const byHand = /\b(it|test|describe)(\.\w+)*\.(only|todo|skip)\(/;
    const tests = files.filter((file) => file.endsWith('.test.ts'));
    expect(tests.filter((file) => byHand.test(read(file)))).toEqual([]);
  });

  it('has a lock file that every system can install from', () => {
    const complete = spawnSync(process.execPath, ['scripts/complete-lock.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(complete.stderr).toBe('');
  });

  it('names no download host in the lock file', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved": *"https?:/);
  });

  it.each(['README.md', 'CONTRIBUTING.md', 'docs/models.md', 'docs/cli.md'])(
    '%s names only scripts that exist',
    (page) => {
      const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
      const named = [...read(page).matchAll(/\bnpm (?:run ([\w:]+)|(start|test)\b)/g)];
      expect(named.length).toBeGreaterThan(0);
      for (const [, script, short] of named)
        expect(scripts).toHaveProperty([script ?? short ?? '']);
    },
  );

  it('has the file of every script', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const used = Object.values(scripts).flatMap(
      (line) => line.match(/scripts\/[\w/-]+\.mjs/g) ?? [],
    );
    expect(used.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it.each(['README.md', 'CONTRIBUTING.md', 'docs/protocol.md', 'docs/models.md', 'docs/cli.md'])(
    '%s links to files',
    (page) => {
      const links = [...read(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(
        ([, to]) => to ?? '',
      );
      const broken = links.filter((to) => !existsSync(join(root, dirname(page), to)));
      expect(broken).toEqual([]);
    },
  );
});

/** Files that git knows, or would with the next `git add`. */
function listFiles(): string[] {
  // In CI the checkout may belong to somebody else, which git has to be told is fine.
  const args = ['-c', 'safe.directory=*', 'ls-files', '--cached', '--others', '--exclude-standard'];
  const names = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n');
  return names.filter((name) => name !== '' && existsSync(join(root, name)));
}

function isText(file: string): boolean {
  const path = join(root, file);
  return statSync(path).size < 1_000_000 && !readFileSync(path).includes(0);
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
