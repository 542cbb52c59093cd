import { cssColour } from './css-colour.js';
import type { Line, Screen } from './line-layout.js';
import type { OverlayOptions } from './overlay-parameters.js';
import { SpeakerColours } from './speaker-colours.js';

/** A line as it is in the page. */
interface ShownLine {
  readonly id: number;
  readonly element: HTMLElement;
  readonly committed: HTMLElement;
  readonly tentative: HTMLElement;
  /** Pieces that are in the page already: they are never touched again. */
  pieces: number;
}

/** Draws lines into a page, changing nothing that stays as it is. */
export class CaptionView {
  readonly #rows: readonly HTMLElement[];
  readonly #shown: (ShownLine | null)[];
  readonly #speakers: OverlayOptions['speakers'];
  readonly #colours: SpeakerColours;

  /** @param root Is filled, and takes the look; its size is what the lines are placed in. */
  constructor(root: HTMLElement, options: OverlayOptions) {
    this.#speakers = options.speakers;
    this.#colours = new SpeakerColours(options.colors);
    this.#rows = Array.from({ length: options.lines }, () => element('p', 'overlay-row'));
    this.#shown = this.#rows.map(() => null);
    const box = element('div', 'overlay-box');
    // Whoever hears does not want to be read to; whoever reads has the lines.
    box.setAttribute('role', 'log');
    box.setAttribute('aria-live', 'off');
    box.append(...this.#rows);
    dress(root, options);
    root.replaceChildren(box);
  }

  show({ rows }: Screen): void {
    for (const [index, row] of this.#rows.entries()) {
      const line = rows[index] ?? null;
      let shown = this.#shown[index] ?? null;
      if (shown?.id !== line?.id) {
        shown = line && this.#begin(line);
        this.#shown[index] = shown;
        row.replaceChildren(...(shown ? [shown.element] : []));
        // The direction is the text's own, so that no row starts at the wrong side.
        row.dir = 'auto';
      }
      if (shown && line) update(shown, line);
    }
  }

  #begin(line: Line): ShownLine {
    const shown = element('span', 'overlay-line');
    const committed = element('span', 'overlay-committed');
    const tentative = element('span', 'overlay-tentative');
    shown.dataset.line = String(line.id);
    if (line.language) shown.lang = line.language;
    if (line.label) {
      const name = element('bdi', 'overlay-name');
      name.textContent = line.label;
      shown.append(name);
    }
    const colour =
      this.#speakers === 'off' || !line.speaker ? null : this.#colours.of(line.speaker);
    if (colour) shown.style.setProperty('--speaker', cssColour(colour));
    shown.append(committed, tentative);
    return { id: line.id, element: shown, committed, tentative, pieces: 0 };
  }
}

function update(shown: ShownLine, { committed, tentative, past }: Line): void {
  if (committed.length > shown.pieces) {
    shown.committed.append(committed.slice(shown.pieces).join(''));
    shown.pieces = committed.length;
  }
  if (shown.tentative.textContent !== tentative) shown.tentative.textContent = tentative;
  shown.element.classList.toggle('past', past);
  shown.element.hidden = committed.length === 0 && tentative === '';
}

function dress(root: HTMLElement, options: OverlayOptions): void {
  root.classList.add('overlay');
  const { position, align, edge, speakers } = options;
  Object.assign(root.dataset, { position, align, edge, speakers });
  const { style } = root;
  for (const name of ['lines', 'chars', 'size', 'weight', 'margin'] as const) {
    style.setProperty(`--${name}`, String(options[name]));
  }
  style.setProperty('--color', cssColour(options.color));
  style.setProperty('--background', cssColour(options.background));
  style.setProperty('--page', cssColour(options.page));
  style.setProperty('--font', fontFamily(options.font));
}

/** Families in quotes, so that a name is a name whatever is in it. */
export function fontFamily(fonts: string): string {
  const names = fonts
    .split(',')
    .map((name) => name.trim().replace(/["\\]/g, ''))
    .filter(Boolean);
  const quoted = names.map((name) => (/^[a-z-]+$/.test(name) ? name : `"${name}"`));
  return [...quoted, 'system-ui', '"Noto Sans"', '"Noto Sans CJK SC"', 'sans-serif'].join(', ');
}

function element(tag: string, className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}
