import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const gateway = process.env.GATEWAY_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../../build/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    // The Content-Security-Policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What is sent to browsers in one piece with ours: their licences ask to be named.
    license: { fileName: 'licenses.txt' },
  },
  // `npm run web` shows changes at once; what is not a page comes from a gateway that runs already.
  server: {
    proxy: { '/v1': { target: gateway, ws: true }, '/health': gateway, '/overlay': gateway },
  },
});
