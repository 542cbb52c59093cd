// node bench/build-whisper-cli.mjs: builds whisper.cpp's own program into build/, for benchmarks to compare with.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../scripts/prepare/package-root.mjs';

const source = join(packageRoot, 'node_modules/nodejs-whisper/cpp/whisper.cpp');
const build = join(packageRoot, 'build/whisper-cli');
/** What the addon is built with, so that both compute alike. */
const options = [
  'CMAKE_BUILD_TYPE=Release',
  'BUILD_SHARED_LIBS=OFF',
  'WHISPER_BUILD_TESTS=OFF',
  'WHISPER_BUILD_SERVER=OFF',
  'GGML_LLAMAFILE=ON',
  'GGML_OPENMP=ON',
  'GGML_CCACHE=OFF',
].map((option) => `-D${option}`);

mkdirSync(build, { recursive: true });
execFileSync('cmake', ['-S', source, '-B', build, ...options], { stdio: 'inherit' });
execFileSync('cmake', ['--build', build, '--target', 'whisper-cli', '-j', '2'], {
  stdio: 'inherit',
});
