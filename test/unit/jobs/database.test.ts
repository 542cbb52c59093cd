import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../../src/jobs/sqlite/database.js';
import { type JobRow, toJob } from '../../../src/jobs/sqlite/job-row.js';
import { migrations } from '../../../src/jobs/sqlite/migrations.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const later = [...migrations, 'alter table jobs add column colour text'];
const insert = `insert into jobs (id, state, name, bytes, options, priority, created_at_ms)
  values ('job_1', 'queued', 'a.mp3', 1, '{}', 0, 0)`;

test('a database of an earlier version is brought up to date, with what is in it', () => {
  const path = join(temporaryFolder(), 'jobs.sqlite');
  const before = openDatabase(path);
  before.run(insert);
  before.close();
  const after = openDatabase(path, later);
  expect(after.get('select id, colour from jobs')).toMatchObject({ id: 'job_1', colour: null });
  after.close();
});

test('a job of before there were models and rules has the default, and words as heard', () => {
  const path = join(temporaryFolder(), 'jobs.sqlite');
  const before = openDatabase(path, migrations.slice(0, 1));
  before.run(insert.replace("'{}'", `'{"language":"en"}'`));
  before.close();
  const after = openDatabase(path);
  const row = after.get<JobRow>('select * from jobs') as JobRow;
  expect(toJob(row)).toMatchObject({
    options: { language: 'en', model: 'whisper-1', postProcessing: null },
    rules: null,
    model: null,
  });
  after.close();
});

test('a migration that fails leaves the database as it was', () => {
  const path = join(temporaryFolder(), 'jobs.sqlite');
  openDatabase(path).close();
  expect(() => openDatabase(path, [...later, 'no sql'])).toThrow(
    expect.objectContaining({ code: 'jobs_unavailable' }),
  );
  const after = openDatabase(path);
  after.run(insert);
  expect(after.get('select * from jobs')).not.toHaveProperty('colour');
  after.close();
});

test('a database of a later version is refused, and kept', () => {
  const path = join(temporaryFolder(), 'jobs.sqlite');
  openDatabase(path, later).close();
  expect(() => openDatabase(path)).toThrow('written by a newer version');
  const again = openDatabase(path, later);
  again.run(insert);
  again.close();
});
