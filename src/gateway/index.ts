export { createGateway, type Gateway, type GatewayParts } from './create-gateway.js';
export { createWorker, type Worker, type WorkerParts } from './create-worker.js';
export { openTranscription, type Transcription } from './open-transcription.js';
