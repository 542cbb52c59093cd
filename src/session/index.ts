export type { PlacedAudio } from './audio-intake.js';
export {
  AudioProcessor,
  type AudioProcessorDependencies,
  type AudioProcessorOptions,
  type NumberedEvent,
  type SessionEnd,
  type SessionLog,
} from './audio-processor.js';
export type {
  JournalEntry,
  Kept,
  KeptEvent,
  KeptSession,
  SessionJournal,
  SessionStore,
} from './kept/session-store.js';
export type { Audience, Session } from './session.js';
export type { SessionMetrics } from './session-metrics.js';
export { type RegistryClient, SessionRegistry } from './session-registry.js';
export type { SessionFigures, SessionStats } from './session-stats.js';
