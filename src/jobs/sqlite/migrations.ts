/**
 * What a database needs to come from one version to the next; `user_version` counts those it has had.
 * Never changed once released: what is different comes as another one.
 */
export const migrations = [
  `create table jobs (
     number integer primary key autoincrement,
     id text not null unique,
     state text not null,
     name text not null,
     bytes integer not null,
     options text not null,
     priority integer not null,
     reference text,
     webhook_url text,
     created_at_ms integer not null,
     started_at_ms integer,
     ended_at_ms integer,
     starts integer not null default 0,
     fruitless_starts integer not null default 0,
     duration_ms real,
     channels integer,
     done_ms real not null default 0,
     error text
   ) strict;
   create index jobs_in_turn
     on jobs (state, fruitless_starts > 0 desc, priority desc, number);
   create index jobs_by_reference on jobs (reference) where reference is not null;
   create table windows (
     job integer not null references jobs (number) on delete cascade,
     position integer not null,
     window text not null,
     primary key (job, position)
   ) strict, without rowid;
   create table deliveries (
     id text primary key,
     job text not null,
     url text not null,
     body text not null,
     tries integer not null default 0,
     due_at_ms integer not null
   ) strict, without rowid;
   create index deliveries_due on deliveries (due_at_ms);`,
  `alter table jobs add column model text;
   alter table jobs add column rules text;
   update jobs set
     options = json_insert(options, '$.model', 'whisper-1', '$.postProcessing', null);`,
  `alter table jobs add column owner text;
   create index jobs_by_owner on jobs (owner, number);`,
] as const;
