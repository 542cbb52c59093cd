import { findFfmpeg } from '../../audio/index.js';
import { type Check, error, ok, warning } from '../check.js';
import { runProgram } from '../run-program.js';

const installation =
  'Debian, Ubuntu: sudo apt-get install ffmpeg. Fedora: sudo dnf install ffmpeg-free. macOS: brew ' +
  'install ffmpeg. Or set FFMPEG_PATH to one.';

export const ffmpeg: Check = {
  id: 'ffmpeg',
  group: 'Audio',
  title: 'ffmpeg',
  async run({ config }) {
    try {
      const { path, version } = await findFfmpeg(config.ffmpegPath);
      return ok(`${version} (${path})`);
    } catch (reason) {
      return error((reason as Error).message, installation);
    }
  },
};

/** What people send, and what ffmpeg needs for it; where several will do, any of them. */
const formats: readonly (readonly [name: string, demuxer: string, decoders: readonly string[]])[] =
  [
    ['WebM and Matroska (Opus)', 'matroska', ['opus', 'libopus']],
    ['Ogg (Opus)', 'ogg', ['opus', 'libopus']],
    ['Ogg (Vorbis)', 'ogg', ['vorbis', 'libvorbis']],
    ['MP3', 'mp3', ['mp3float', 'mp3']],
    ['AAC', 'aac', ['aac']],
    ['M4A and MP4 (AAC)', 'mov', ['aac']],
    ['M4A (ALAC)', 'mov', ['alac']],
    ['FLAC', 'flac', ['flac']],
    ['WAV', 'wav', ['pcm_s16le']],
    ['AMR', 'amr', ['amrnb', 'libopencore_amrnb']],
    ['WMA', 'asf', ['wmav2']],
    ['AC-3', 'ac3', ['ac3']],
    ['Speex', 'ogg', ['speex', 'libspeex']],
  ];

export const audioFormats: Check = {
  id: 'audio_formats',
  group: 'Audio',
  title: 'Formats',
  async run({ config }) {
    const found = await findFfmpeg(config.ffmpegPath).catch(() => null);
    if (!found) return error('none without ffmpeg', installation);
    const [demuxers, decoders] = await Promise.all([
      namesListed(found.path, '-demuxers'),
      namesListed(found.path, '-decoders'),
    ]);
    const missing = formats.filter(
      ([, demuxer, anyOf]) => !demuxers.has(demuxer) || !anyOf.some((name) => decoders.has(name)),
    );
    if (missing.length === 0) return ok(formats.map(([name]) => name).join(', '));
    const names = missing.map(([name]) => name).join(', ');
    return warning(
      `This ffmpeg was built without ${names}`,
      `Install a complete one. ${installation}`,
    );
  },
};

/** Lines of these lists are flags, a name or several with commas, and a description. */
async function namesListed(program: string, list: string): Promise<Set<string>> {
  const ran = await runProgram(program, ['-hide_banner', list]);
  const lines = ran?.stdout.split('\n') ?? [];
  return new Set(lines.flatMap((line) => /^ [A-Z. ]+ ([\w,]+) /.exec(line)?.[1]?.split(',') ?? []));
}
