import type { FfmpegInput } from './input-format.js';
import { sampleRate } from './pcm.js';

/**
 * Demuxers that may read what a client sends: every one here takes all it needs from its input. What opens
 * other files or addresses (hls, concat, dash, sdp, image2, …) is refused by not being listed.
 */
const demuxers =
  'aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,gsm,loas,matroska,mov,mp3,mpeg,mpegts,ogg,tta,w64,wav,wv';

/** Stored files come in these as well: film and music formats whose audio nobody streams. */
const fileDemuxers = `${demuxers},dsf,dts,dtshd,mlp,mpc,mpc8,mxf,truehd,voc`;

/** Raw formats are never guessed, so they are allowed only where they were asked for. */
const rawDemuxers = 'alaw,f32le,mulaw,s16le,s24le,s32le,u8';

/** Audio decoders only: nothing that is sent can reach the code of a video codec. */
const decoders =
  'aac,aac_latm,ac3,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,adpcm_yamaha,alac,amrnb,amrwb,ape,eac3,flac,' +
  'g722,g723_1,g729,gsm,gsm_ms,libgsm,libopencore_amrnb,libopencore_amrwb,libspeex,mp1,mp1float,mp2,mp2float,' +
  'mp3,mp3float,nellymoser,opus,pcm_alaw,pcm_bluray,pcm_dvd,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,pcm_mulaw,' +
  'pcm_s16be,pcm_s16le,pcm_s24be,pcm_s24le,pcm_s32be,pcm_s32le,pcm_s8,pcm_u8,speex,truespeech,tta,vorbis,' +
  'wavpack,wmalossless,wmapro,wmav1,wmav2,wmavoice';

const fileDecoders = `${decoders},dca,dsd_lsbf,dsd_lsbf_planar,dsd_msbf,dsd_msbf_planar,mlp,mpc7,mpc8,truehd`;

/** Largest single block of memory that ffmpeg may ask for. The index of a day of AAC stays below it. */
const maxAllocBytes = 64 * 1024 * 1024;

/**
 * Demuxers that need no look ahead: their headers say everything. Measured with a live stream cut into 20 ms
 * on ffmpeg 4.1 and 5.1: the first samples come 0.2 to 1.4 s earlier and none is lost, whereas MPEG-TS
 * loses its first second on 4.1.
 */
const selfContained = new Set(['aac', 'flac', 'matroska', 'mov', 'mp3', 'ogg', 'wav']);

/**
 * ffmpeg's command line: one audio stream in, 16 kHz mono s16le on standard output, nothing else touched.
 * `-fflags nobuffer` and `-avioflags direct` are left out on purpose: the first throws away the packets
 * that were looked at, the second fails on pipes.
 */
export function ffmpegArguments(input: FfmpegInput): string[] {
  return [
    ...['-loglevel', 'error', ...reading(input)],
    ...['-map', '0:a:0', '-c:a', 'pcm_s16le', '-ar', String(sampleRate), '-ac', '1'],
    ...(input.kind === 'file' ? ['-af', fileFilters(input.channel)] : []),
    ...['-flush_packets', '1', '-f', 's16le', 'pipe:1'],
  ];
}

/**
 * The command line that only looks at a file: what ffmpeg finds out on standard error, and a WAV of the
 * first samples on standard output, whose header counts the channels.
 */
export function probeArguments(): string[] {
  return [
    ...['-loglevel', 'info', '-nostats', ...reading({ kind: 'file', channel: null })],
    ...['-map', '0:a:0', '-c:a', 'pcm_s16le', '-frames:a', '1', '-f', 'wav', 'pipe:1'],
  ];
}

/** The input, and what it may make ffmpeg do. */
function reading(input: FfmpegInput): string[] {
  const stored = input.kind === 'file';
  return [
    ...['-nostdin', '-hide_banner', '-max_alloc', String(maxAllocBytes)],
    ...['-protocol_whitelist', stored || input.kind === 'mp4-file' ? 'file' : 'pipe'],
    ...['-format_whitelist', formatsFor(input)],
    ...['-codec_whitelist', stored ? fileDecoders : decoders, '-threads', '1', '-vn', '-sn', '-dn'],
    ...inputArguments(input),
  ];
}

function formatsFor({ kind }: FfmpegInput): string {
  if (kind === 'raw') return rawDemuxers;
  return kind === 'file' ? fileDemuxers : demuxers;
}

/**
 * Audio that begins later than its film, or is interrupted, keeps its place on the file's clock: what is
 * missing becomes silence (`async=1` fills and trims, and never stretches).
 */
function fileFilters(channel: number | null): string {
  const onTime = `aresample=${sampleRate}:async=1:first_pts=0`;
  return channel === null ? onTime : `pan=mono|c0=c${channel},${onTime}`;
}

function inputArguments(input: FfmpegInput): string[] {
  switch (input.kind) {
    case 'raw': {
      const { demuxer, sampleRate: rate, channels } = input;
      const samples = ['-ar', String(rate), '-ac', String(channels)];
      return ['-f', demuxer, ...samples, ...noLookAhead, '-i', 'pipe:0'];
    }
    case 'file':
      // A descriptor, so that no name, whatever it holds, is ever read by ffmpeg.
      return ['-i', 'file:/dev/fd/3'];
    case 'mp4-file':
      return [...demuxerArguments('mov'), '-i', 'file:/dev/fd/3'];
    case 'container':
      return [...demuxerArguments(input.demuxer), '-i', 'pipe:0'];
  }
}

function demuxerArguments(demuxer: string | undefined): string[] {
  if (demuxer === undefined) return shortLookAhead;
  const named = ['-f', demuxer, ...(demuxer === 'mov' ? noOtherFiles : [])];
  return [...named, ...(selfContained.has(demuxer) ? noLookAhead : shortLookAhead)];
}

/** The smallest number of bytes that ffmpeg accepts here. */
const noLookAhead = ['-probesize', '32'];

/** A quarter of a second, of 5 by default, in search of what the headers do not say. */
const shortLookAhead = ['-analyzeduration', '250000'];

/** The tracks of an MP4 may lie in other files; these are not opened. */
const noOtherFiles = ['-enable_drefs', '0', '-use_absolute_path', '0'];
