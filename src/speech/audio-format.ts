/** How speech can be sent. */
export const audioFormats = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const;

export type AudioFormat = (typeof audioFormats)[number];

/** Hz of everything that is sent; mono. That of OpenAI, whose `pcm` has no header to say so. */
export const outputRate = 24_000;

interface Encoding {
  readonly contentType: string;
  /** For ffmpeg: the codec, its bit rate and the container. */
  readonly arguments: readonly string[];
}

/**
 * Bit rates are generous for one voice. Without a header that is written at the end: what is sent cannot
 * be changed any more.
 */
export const encodings: Readonly<Record<AudioFormat, Encoding>> = {
  mp3: {
    contentType: 'audio/mpeg',
    arguments: [
      ...['-c:a', 'libmp3lame', '-b:a', '96k'],
      ...['-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3'],
    ],
  },
  opus: {
    contentType: 'audio/opus',
    arguments: ['-c:a', 'libopus', '-b:a', '48k', '-page_duration', '100000', '-f', 'ogg'],
  },
  aac: { contentType: 'audio/aac', arguments: ['-c:a', 'aac', '-b:a', '96k', '-f', 'adts'] },
  flac: { contentType: 'audio/flac', arguments: ['-c:a', 'flac', '-f', 'flac'] },
  wav: { contentType: 'audio/wav', arguments: ['-c:a', 'pcm_s16le', '-f', 'wav'] },
  pcm: { contentType: 'audio/pcm', arguments: ['-c:a', 'pcm_s16le', '-f', 's16le'] },
};
