import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Beside the web app's files, which are built first. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/overlay/',
  publicDir: false,
  build: {
    outDir: fileURLToPath(new URL('../../build/web/overlay', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // The Content-Security-Policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
