import { describe, expect, test } from 'vitest';
import { ConfigError, isLoopback, loadConfig } from '../../../src/config/index.js';

describe('loadConfig', () => {
  test('an empty environment gives the documented defaults, frozen', () => {
    const config = loadConfig({}, {});
    expect(config).toMatchObject({ host: '127.0.0.1', port: 8080, maxConnections: 50 });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('variables are read, and overrides win over them', () => {
    const env = { PORT: '9000', ASR_MAX_RETRIES: '1', SPEECH_THRESHOLD: '0.7', MODEL: '' };
    expect(loadConfig({ port: 1 }, env)).toMatchObject({
      port: 1,
      maxRetries: 1,
      speechThreshold: 0.7,
      model: 'base-q8_0',
    });
  });

  test('every unusable variable is named', () => {
    const load = () => loadConfig({}, { PORT: 'eighty', ENDPOINT_MS: '-5', LOG_LEVEL: 'loud' });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/PORT: [\s\S]*ENDPOINT_MS: [\s\S]*LOG_LEVEL: /);
  });

  test.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['localhost', true],
    ['::1', true],
    ['0.0.0.0', false],
    ['127.0.0.1.example.com', false],
  ])('%s is loopback: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
