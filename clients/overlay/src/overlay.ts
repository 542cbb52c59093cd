import type { RoomEvent, RoomSnapshot } from '../../js/src/index.js';
import { CaptionView } from './caption-view.js';
import { letterWidth } from './letter-width.js';
import { LineLayout } from './line-layout.js';
import type { OverlayOptions } from './overlay-parameters.js';
import { RoomHearing } from './room-hearing.js';

/** The captions of a room in an element of a page. */
export class Overlay {
  readonly #layout: LineLayout;
  readonly #hearing: RoomHearing;
  readonly #view: CaptionView;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(root: HTMLElement, options: OverlayOptions) {
    const { lines, chars, min_ms: minMs, clear_ms: clearMs, speakers } = options;
    this.#layout = new LineLayout({
      lines,
      chars,
      minMs,
      clearMs,
      names: speakers === 'names' || speakers === 'both',
      tentative: options.tentative === 'show',
      width: letterWidth(options),
    });
    this.#hearing = new RoomHearing(this.#layout, options.language);
    this.#view = new CaptionView(root, options);
  }

  snapshot(snapshot: RoomSnapshot): void {
    this.#hearing.snapshot(snapshot, performance.now(), Date.now());
    this.#draw();
  }

  event(event: RoomEvent): void {
    this.#hearing.event(event, performance.now());
    this.#draw();
  }

  /** Idempotent. What is shown stays. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** At once, not with the next frame: a program that hides the page draws none. */
  #draw(): void {
    if (this.#closed) return;
    const nowMs = performance.now();
    const screen = this.#layout.advance(nowMs);
    this.#view.show(screen);
    clearTimeout(this.#timer);
    if (screen.changesAtMs === null) return;
    this.#timer = setTimeout(() => this.#draw(), Math.max(1, screen.changesAtMs - nowMs));
  }
}
