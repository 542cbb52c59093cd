export { NatsRoomExchange } from './nats/nats-room-exchange.js';
export { noExchange, type RoomExchange } from './room-exchange.js';
export type { RoomMessage } from './room-message.js';
export { type RoomLimits, Rooms, type Watching } from './rooms.js';
export type { ViewerSink } from './viewer.js';
