// npm run doctor: looks for what is missing or broken. Prepares what the doctor itself is made of and
// nothing more: the engine may be what is broken.
import { requireNode } from './prepare/require-node.mjs';

requireNode();
const { compiledSources } = await import('./prepare/compiled-sources.mjs');
const { dependencies } = await import('./prepare/dependencies.mjs');
const { prepare } = await import('./prepare/prepare.mjs');
await prepare([dependencies, compiledSources]);
process.argv.splice(2, 0, 'doctor');
await import('../dist/main.js');
