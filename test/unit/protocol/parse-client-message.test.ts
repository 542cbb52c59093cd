import { describe, expect, test } from 'vitest';
import type { GatewayError } from '../../../src/errors/index.js';
import { parseClientMessage } from '../../../src/protocol/index.js';

function codeOf(text: string): string {
  try {
    parseClientMessage(text);
  } catch (error) {
    return (error as GatewayError).code;
  }
  return 'none';
}

describe('parseClientMessage', () => {
  test.each(['', 'hello', '[]', 'null', '1', '{}', '{"type":1}', '[{"type":"ping"}]'])(
    '%s is no message',
    (text) => {
      expect(codeOf(text)).toBe('bad_message');
    },
  );

  test.each([
    '{"type":"start_transcription","language":5}',
    '{"type":"start_transcription","language":"english"}',
    '{"type":"start_transcription","audio":{"sample_rate":"16000"}}',
    '{"type":"start_transcription","audio":{"channels":99}}',
    '{"type":"configure","endpoint_ms":-1}',
    '{"type":"configure","hotwords":"one"}',
    '{"type":"ping","id":{}}',
  ])('%s has a field that cannot be used', (text) => {
    expect(codeOf(text)).toBe('bad_field');
  });

  test('the refusal names the field', () => {
    expect(() => parseClientMessage('{"type":"configure","endpoint_ms":-1}')).toThrow(
      /endpoint_ms/,
    );
  });

  test('an unknown type is told apart', () => {
    expect(parseClientMessage('{"type":"dance"}')).toEqual({ kind: 'unknown_type', type: 'dance' });
  });

  test('a bare start has every default, and unknown fields are ignored', () => {
    expect(parseClientMessage('{"type":"start_transcription","colour":"blue"}')).toEqual({
      kind: 'message',
      message: {
        type: 'start_transcription',
        audio: { format: 'auto' },
        language: 'auto',
        task: 'transcribe',
        prompt: '',
        hotwords: [],
        interim_results: true,
        word_timestamps: true,
        stable_finals: true,
        resumable: false,
      },
    });
  });
});
