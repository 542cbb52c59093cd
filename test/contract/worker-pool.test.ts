import { startWorkerPool } from '../support/native-engine.js';
import { engineContract } from './engine-contract.js';

engineContract((slots) => startWorkerPool({ slots }));
