// Run by process.test.ts: opens a model that makes ggml abort. Arguments: addon, model.
import { createRequire } from 'node:module';

const [addonPath, path] = process.argv.slice(2);
const addon = createRequire(import.meta.url)(addonPath);
// Lines that only a queue would deliver are lost: the last words do not take that way.
addon.setLogger(() => {});
const model = await addon.loadModel({ path, gpu: null, flashAttention: false });
await model.createState();
