import { describe, expect, it } from 'vitest';
import { CaptionScreen } from '../../scripts/demo/caption-screen.mjs';
import { wrapText } from '../../scripts/demo/wrap-text.mjs';

describe('wrapText', () => {
  it('breaks at spaces', () => {
    expect(lines('ask not what your country', 12)).toEqual(['ask not what', 'your country']);
  });

  it('breaks a word that is longer than a line', () => {
    expect(lines('a supercalifragilistic b', 10)).toEqual(['a', 'supercalif', 'ragilistic', 'b']);
  });

  it('breaks anywhere in Chinese, whose characters take two columns', () => {
    expect(lines('国家能为你做什么', 7)).toEqual(['国家能', '为你做', '什么']);
  });

  it('keeps the style of each part across a break', () => {
    const runs = [
      { text: 'my fellow', style: '1' },
      { text: ' Americans', style: '2' },
    ];
    expect(wrapText(runs, 12).map(({ text }) => text)).toEqual([
      '\x1b[0;1mmy fellow\x1b[0m',
      '\x1b[0;2mAmericans\x1b[0m',
    ]);
  });
});

describe('CaptionScreen', () => {
  it('draws a growing utterance in place, and leaves its final behind', () => {
    const terminal = new Terminal(24);
    const screen = new CaptionScreen(terminal);
    screen.note('Listening.');
    screen.partial(partial('And so my', ' fellow Americans'));
    expect(terminal.text).toEqual(['Listening.', '0:00  And so my fellow', 'Americans']);
    screen.partial(partial('And so', ''));
    expect(terminal.text).toEqual(['Listening.', '0:00  And so']);
    screen.final({ utterance_id: 'u1', start_ms: 0, text: 'And so, my fellow Americans.' });
    screen.partial({ ...partial('ask', ' not'), utterance_id: 'u2', start_ms: 3_000 });
    screen.close();
    expect(terminal.text).toEqual(['Listening.', '0:00  And so, my fellow', 'Americans.']);
  });
});

function lines(text: string, columns: number): string[] {
  // Plain text carries no escape sequences.
  return wrapText([{ text, style: '0' }], columns).map((line) => line.text);
}

function partial(committed: string, tentative: string) {
  return { utterance_id: 'u1', start_ms: 0, committed, tentative };
}

/** As much of a terminal as captions need: lines, moving up, clearing. */
class Terminal {
  readonly rows = 10;
  readonly #lines = [''];
  #row = 0;
  #column = 0;

  readonly columns: number;

  constructor(columns: number) {
    this.columns = columns;
  }

  /** The lines above the cursor. */
  get text(): string[] {
    return this.#lines.slice(0, this.#row);
  }

  write(output: string): void {
    // Escape sequences begin with a character that regular expressions should not name.
    const visible = output.replaceAll('\x1b', '␛');
    for (const [sign, count, command] of visible.matchAll(/␛\[\??([\d;]*)([A-Za-z])|./gsu)) {
      if (command === 'A') this.#row -= Number(count);
      else if (command === 'K') this.#line = this.#line.slice(0, this.#column);
      else if (command === 'J') this.#lines.splice(this.#row, Infinity, '');
      else if (sign === '\r') this.#column = 0;
      else if (sign === '\n') this.#nextLine();
      else if (command === undefined) this.#put(sign);
    }
  }

  get #line(): string {
    return this.#lines[this.#row] ?? '';
  }

  set #line(text: string) {
    this.#lines[this.#row] = text;
  }

  #nextLine(): void {
    this.#row++;
    this.#column = 0;
    this.#lines[this.#row] ??= '';
  }

  #put(sign: string): void {
    this.#line = this.#line.slice(0, this.#column) + sign + this.#line.slice(this.#column + 1);
    this.#column++;
  }
}
