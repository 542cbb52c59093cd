import { examineAddon } from './examine-addon.js';

// Entry of a throw-away process: loads the addon that it is given, and prints what it offers as one
// line of JSON. Whatever a broken addon does to a process, it does to this one.
process.stdout.write(`${JSON.stringify(examineAddon(process.argv[2] ?? ''))}\n`);
