import { join } from 'node:path';
import { findFfmpeg } from '../../src/audio/index.js';
import { decodeFile } from '../support/decode.js';
import { jfkPath, jfkText } from '../support/jfk.js';
import { readManifest, sharedAudio } from '../support/shared-audio.js';

/** Something to say. */
export interface Recording {
  readonly path: string;
  readonly seconds: number;
  readonly language: string;
  readonly text: string;
  /** As 16 kHz s16 bytes; null where the file is sent as it is, for ffmpeg. */
  readonly pcm: Uint8Array | null;
}

/** Longer ones would leave too few sessions in a short run. */
const longestSeconds = 16;
const mostOfAKind = 16;

/** Recordings that are sent as PCM, and some that are sent as the container they are in. */
export async function readRecordings(): Promise<{ pcm: Recording[]; containers: Recording[] }> {
  const { path: ffmpeg } = await findFfmpeg(undefined);
  const spoken = readManifest().filter(
    ({ text, lang, seconds }) => text && lang === 'en' && seconds > 2 && seconds <= longestSeconds,
  );
  const jfk = { path: jfkPath, seconds: 11, language: 'en', text: jfkText, pcm: null };
  const all: Recording[] = [
    jfk,
    ...spoken.map(({ file, seconds, text }) => ({
      path: join(sharedAudio as string, file),
      seconds,
      language: 'en',
      text: text as string,
      pcm: null,
    })),
  ];
  const sound = (recording: Recording) => {
    const { buffer, byteLength } = decodeFile(ffmpeg, recording.path);
    return { ...recording, pcm: new Uint8Array(buffer, 0, byteLength) };
  };
  const isContainer = ({ path }: Recording) => /\.(mp3|webm|ogg)$/.test(path);
  return {
    pcm: all.slice(0, mostOfAKind).map(sound),
    containers: all.filter(isContainer).slice(0, mostOfAKind),
  };
}
