import { Command, InvalidArgumentError, Option } from 'commander';
import { chooseAdapter, type Service, services } from './adapters/index.js';
import { BotError } from './bot-error.js';
import type { Environment } from './environment.js';
import { findChromium } from './find-chromium.js';
import type { BotOptions } from './meeting-bot.js';
import { type TranscriptFormat, transcriptFormats } from './transcript/format-transcript.js';

interface Flags {
  readonly gateway: string;
  readonly apiKey?: string;
  readonly name: string;
  readonly service: Service;
  readonly room: string;
  readonly language: string;
  readonly model?: string;
  readonly output?: string;
  readonly format: readonly TranscriptFormat[];
  readonly password?: string;
  readonly joinTimeout: number;
  readonly aloneMinutes: number;
  readonly nameField?: string;
  readonly joinButton?: string;
  readonly muteButton?: string;
  readonly joinedSign?: string;
  readonly tile?: string;
  readonly tileName?: string;
  readonly show: boolean;
  readonly ignoreCertificates: boolean;
  readonly chromiumArg: readonly string[];
}

/** The command line as data: parsing it calls `run`. */
export function createCommand(
  environment: Environment,
  run: (meeting: string, flags: Flags) => Promise<void>,
): Command {
  return new Command('whisper-gateway-meeting-bot')
    .description('Joins a web meeting and writes down who said what. Everybody there has to agree.')
    .argument('<meeting>', 'Address of the meeting.')
    .option('-g, --gateway <url>', 'Gateway that transcribes.', environment.gatewayUrl)
    .option('-k, --api-key <key>', "The gateway's key; API_KEY keeps it out of the process list.")
    .option('-n, --name <name>', 'Name in the meeting.', 'Transcription bot')
    .addOption(
      new Option('-s, --service <service>', 'What kind of page the meeting is.')
        .choices(services)
        .default('auto'),
    )
    .option('-r, --room <name>', 'Room in which the captions can be watched.', 'meeting')
    .option('-l, --language <code>', 'Spoken language, such as en or zh.', 'auto')
    .option('-m, --model <name>', "Model to use instead of the gateway's.")
    .option('-o, --output <path>', 'Where the transcript goes, without its ending.')
    .option('-f, --format <list>', 'Any of json, vtt and txt.', toFormats, [...transcriptFormats])
    .option('-p, --password <password>', 'Password of the meeting.')
    .option('--join-timeout <seconds>', 'How long it waits to be let in.', toPositive, 120)
    .option('--alone-minutes <minutes>', 'After how long alone it leaves.', toPositive, 5)
    .option('--name-field <css>', 'Generic pages: where the name is written.')
    .option('--join-button <css>', 'Generic pages: what is pressed to join.')
    .option('--mute-button <css>', 'Generic pages: what is pressed before that.')
    .option('--joined-sign <css>', 'Generic pages: what is seen in the meeting only.')
    .option('--tile <css>', 'Generic pages: what holds one participant.')
    .option('--tile-name <css>', 'Generic pages: the name within that.')
    .option('--show', 'Show the browser.', false)
    .option('--ignore-certificates', 'Take certificates that nobody vouches for.', false)
    .option('--chromium-arg <flag>', 'A flag for Chromium; may be repeated.', collect, [])
    .addHelpText(
      'after',
      '\nAPI_KEY is the key of the gateway, GATEWAY_URL its address, CHROMIUM_PATH the browser.\n' +
        'Ctrl-C leaves the meeting and finishes the transcript; a second one gives that up.',
    )
    .helpOption('-h, --help', 'Show this help.')
    .exitOverride()
    .action(run);
}

/** @throws BotError `bad_address`, `bad_option`, `no_chromium`. */
export function toBotOptions(
  meeting: string,
  flags: Flags,
  environment: Environment,
  tell: (text: string) => void,
): BotOptions {
  const url = toHttpUrl(meeting, 'The meeting');
  if ((flags.tile === undefined) !== (flags.tileName === undefined)) {
    throw new BotError('bad_option', '--tile and --tile-name need each other.');
  }
  const adapter = chooseAdapter(flags.service, url, {
    nameField: flags.nameField ?? null,
    joinButton: flags.joinButton ?? null,
    muteButton: flags.muteButton ?? null,
    joined: flags.joinedSign ?? null,
    tile: flags.tile ?? null,
    tileName: flags.tileName ?? null,
  });
  const started = new Date().toISOString().slice(0, 16).replace(/[:T]/g, '-');
  return {
    meeting: url,
    adapter,
    browser: {
      chromium: findChromium(environment.chromiumPath, environment.path),
      chromiumArgs: flags.chromiumArg,
      headless: !flags.show,
      ignoreCertificates: flags.ignoreCertificates,
    },
    gateway: {
      url: String(toHttpUrl(flags.gateway, 'The gateway')),
      token: flags.apiKey ?? environment.apiKey,
    },
    name: flags.name,
    password: flags.password,
    fields: {
      room: flags.room,
      language: flags.language,
      ...(flags.model !== undefined && { model: flags.model }),
    },
    joinTimeoutMs: flags.joinTimeout * 1_000,
    aloneMs: flags.aloneMinutes * 60_000,
    output: flags.output ?? `meeting-${started}`,
    formats: flags.format,
    tell,
  };
}

function toHttpUrl(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new BotError('bad_address', `${what} is to be an http or https address, not "${text}".`);
}

function toFormats(text: string): TranscriptFormat[] {
  const wanted = text.split(',').map((each) => each.trim());
  const formats = transcriptFormats.filter((format) => wanted.includes(format));
  if (formats.length === new Set(wanted).size) return formats;
  throw new InvalidArgumentError(`Known are ${transcriptFormats.join(', ')}.`);
}

function toPositive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It has to be a number above 0.');
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
