import { describe } from 'vitest';
import { streamServerContract } from './stream-server-contract.js';

describe('the server of the ws package', () => streamServerContract({ streamServer: 'ws' }));
