import { expect, test } from 'vitest';
import { ffmpegArguments } from '../../../src/audio/ffmpeg-arguments.js';
import type { FfmpegInput } from '../../../src/audio/input-format.js';

const inputs: FfmpegInput[] = [
  { kind: 'container', demuxer: undefined },
  { kind: 'container', demuxer: 'matroska' },
  { kind: 'container', demuxer: 'mov' },
  { kind: 'raw', demuxer: 'mulaw', sampleRate: 8_000, channels: 2 },
  { kind: 'mp4-file' },
];

/** The values of an option, split at commas; an option that is not there fails the test. */
function listOf(input: FfmpegInput, option: string): string[] {
  const all = ffmpegArguments(input);
  const at = all.indexOf(option);
  expect(at).toBeGreaterThanOrEqual(0);
  expect(at).toBeLessThan(all.indexOf('-i'));
  return (all[at + 1] as string).split(',');
}

test.each(inputs)('$kind $demuxer: one protocol, one stream, no other file', (input) => {
  const protocol = input.kind === 'mp4-file' ? 'file' : 'pipe';
  expect(listOf(input, '-protocol_whitelist')).toEqual([protocol]);
  const all = ffmpegArguments(input);
  expect(all.filter((it) => it === '-i')).toHaveLength(1);
  expect(all[all.indexOf('-i') + 1]?.split(':')[0]).toBe(protocol);
  expect(all.slice(all.indexOf('-i') + 2)).toContain('0:a:0');
  expect(all.at(-1)).toBe('pipe:1');
});

test.each(inputs)('$kind $demuxer: no demuxer that opens what its input names', (input) => {
  const demuxers = listOf(input, '-format_whitelist');
  const opening = ['hls', 'concat', 'dash', 'sdp', 'rtsp', 'rtp', 'image2', 'lavfi', 'imf', 'tty'];
  expect(demuxers.filter((it) => opening.includes(it))).toEqual([]);
  expect(demuxers.length).toBeGreaterThan(5);
});

test.each(inputs)('$kind $demuxer: no decoder of pictures', (input) => {
  const decoders = listOf(input, '-codec_whitelist');
  const pictures = ['h264', 'hevc', 'vp8', 'vp9', 'av1', 'mjpeg', 'png', 'gif', 'ass', 'subrip'];
  expect(decoders.filter((it) => pictures.includes(it))).toEqual([]);
  expect(decoders).toContain('opus');
});

test('raw formats are allowed only where they were asked for', () => {
  expect(listOf({ kind: 'container', demuxer: undefined }, '-format_whitelist')).not.toContain(
    'mulaw',
  );
  expect(listOf(inputs[3] as FfmpegInput, '-format_whitelist')).not.toContain('mov');
});

test('an MP4 never opens the files that its tracks name', () => {
  for (const input of [inputs[2], inputs[4]] as FfmpegInput[]) {
    expect(listOf(input, '-enable_drefs')).toEqual(['0']);
    expect(listOf(input, '-use_absolute_path')).toEqual(['0']);
  }
});
