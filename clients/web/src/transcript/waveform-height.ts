/**
 * In pixels. Written into the style of wavesurfer.js, which the Content-Security-Policy allows by its
 * checksum: another height needs another `waveformStyle` in `src/http/web/web-routes.ts`.
 */
export const waveformHeight = 64;
