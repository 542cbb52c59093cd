export { createGateway, type Gateway, type GatewayParts } from './create-gateway.js';
export { openTranscription, type Transcription } from './open-transcription.js';
