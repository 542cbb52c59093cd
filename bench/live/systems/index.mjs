import { ours } from './ours.mjs';
import { whisperLive } from './whisper-live.mjs';
import { whisperLiveKit, whisperLiveKitLocalAgreement } from './whisper-live-kit.mjs';

/**
 * A system that can be measured.
 * @typedef {object} System
 * @property {string} name For the command line and the names of files.
 * @property {string} label For people.
 * @property {string} model
 * @property {boolean} warmUp Whether it needs a stream before it is as fast as it gets.
 * @property {() => Promise<import('./child-server.mjs').ChildServer & {
 *   open: (language: string) => Promise<import('./caption-socket.mjs').LiveStream> }>} start
 */

/** @type {readonly System[]} */
export const systems = [ours, whisperLive, whisperLiveKit, whisperLiveKitLocalAgreement];
