/** See `OpenOptions.migrations`. Times are milliseconds since 1970, days are in UTC. */
export const migrations = [
  `create table keys (
     id text primary key,
     name text not null,
     digest text not null,
     scopes text not null,
     limits text not null,
     created_at_ms integer not null,
     expires_at_ms integer,
     revoked_at_ms integer
   ) strict, without rowid;
   create table usage (
     key text not null,
     day text not null,
     requests integer not null default 0,
     connections integer not null default 0,
     audio_ms integer not null default 0,
     speech_characters integer not null default 0,
     refused integer not null default 0,
     primary key (key, day)
   ) strict, without rowid;
   create table audit (
     number integer primary key autoincrement,
     at_ms integer not null,
     actor text not null,
     action text not null,
     subject text,
     detail text not null
   ) strict;
   create table secrets (name text primary key, value text not null) strict, without rowid;`,
] as const;
