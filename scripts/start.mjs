// npm start: makes the gateway ready where it is not, then runs it in this very process, so that
// Ctrl-C, signals and the exit code are its own.
import { requireNode } from './prepare/require-node.mjs';

requireNode();
const { prepare } = await import('./prepare/prepare.mjs');
await prepare();
await import('../dist/main.js');
