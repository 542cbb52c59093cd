import type { FfmpegInput } from './input-format.js';
import { sampleRate } from './pcm.js';

/**
 * Demuxers that may read what a client sends: every one here takes all it needs from its input. What opens
 * other files or addresses (hls, concat, dash, sdp, image2, …) is refused by not being listed.
 */
const demuxers =
  'aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,gsm,loas,matroska,mov,mp3,mpeg,mpegts,ogg,tta,w64,wav,wv';

/** Raw formats are never guessed, so they are allowed only where they were asked for. */
const rawDemuxers = 'alaw,f32le,mulaw,s16le,s24le,s32le,u8';

/** Audio decoders only: nothing that is sent can reach the code of a video codec. */
const decoders =
  'aac,aac_latm,ac3,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,adpcm_yamaha,alac,amrnb,amrwb,ape,eac3,flac,' +
  'g722,g723_1,g729,gsm,gsm_ms,libgsm,libopencore_amrnb,libopencore_amrwb,libspeex,mp1,mp1float,mp2,mp2float,' +
  'mp3,mp3float,nellymoser,opus,pcm_alaw,pcm_bluray,pcm_dvd,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,pcm_mulaw,' +
  'pcm_s16be,pcm_s16le,pcm_s24be,pcm_s24le,pcm_s32be,pcm_s32le,pcm_s8,pcm_u8,speex,truespeech,tta,vorbis,' +
  'wavpack,wmalossless,wmapro,wmav1,wmav2,wmavoice';

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
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-max_alloc', String(maxAllocBytes)],
    ...['-protocol_whitelist', input.kind === 'mp4-file' ? 'file' : 'pipe'],
    ...['-format_whitelist', input.kind === 'raw' ? rawDemuxers : demuxers],
    ...['-codec_whitelist', decoders, '-threads', '1', '-vn', '-sn', '-dn'],
    ...inputArguments(input),
    ...['-map', '0:a:0', '-c:a', 'pcm_s16le', '-ar', String(sampleRate), '-ac', '1'],
    ...['-flush_packets', '1', '-f', 's16le', 'pipe:1'],
  ];
}

function inputArguments(input: FfmpegInput): string[] {
  switch (input.kind) {
    case 'raw': {
      const { demuxer, sampleRate: rate, channels } = input;
      const samples = ['-ar', String(rate), '-ac', String(channels)];
      return ['-f', demuxer, ...samples, ...noLookAhead, '-i', 'pipe:0'];
    }
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
