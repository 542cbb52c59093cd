#!/usr/bin/env node
import { CommanderError } from 'commander';
import { BotError } from './bot-error.js';
import { createCommand, toBotOptions } from './command-line.js';
import { readEnvironment } from './environment.js';
import { MeetingBot, type MeetingEnd } from './meeting-bot.js';

/** 0 means that there is a transcript; 1 that there is none, or not a whole one; 2 a wrong command line. */
const exitCodes = { ok: 0, failed: 1, unusable: 2, interrupted: 130 } as const;

const ends: Readonly<Record<MeetingEnd, string>> = {
  asked: 'Leaving.',
  alone: 'Nobody else is here any more.',
  outside: 'The meeting is over, or the bot was sent out.',
  page_closed: 'The page of the meeting was closed.',
};

const environment = readEnvironment();
try {
  await createCommand(environment, async (meeting, flags) => {
    await attend(MeetingBot.join(toBotOptions(meeting, flags, environment, tell)));
  }).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

async function attend(joining: Promise<MeetingBot>): Promise<void> {
  let interrupts = 0;
  let leave = () => process.exit(exitCodes.interrupted);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (++interrupts > 1) process.exit(exitCodes.interrupted);
      leave();
    });
  }
  const bot = await joining;
  tell('In the meeting.');
  const asked = new Promise<MeetingEnd>((resolve) => {
    leave = () => resolve('asked') as never;
  });
  tell(ends[await Promise.race([bot.over, asked])]);
  await bot.leave();
  for (const path of bot.paths) process.stdout.write(`${path}\n`);
}

function report(error: unknown): number {
  // It was said already; help comes this way, too.
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.unusable;
  if (!(error instanceof BotError)) throw error;
  tell(error.message);
  return error.code === 'bad_address' || error.code === 'bad_option'
    ? exitCodes.unusable
    : exitCodes.failed;
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
