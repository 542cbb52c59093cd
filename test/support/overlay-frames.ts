import type { Page } from 'playwright-core';

export interface OverlayFrames {
  /** Stops looking. @returns What was wrong in any frame, and the text of every line there was. */
  end(): Promise<{ readonly problems: readonly string[]; readonly lines: readonly string[] }>;
}

/** Looks at an overlay in every frame that the browser draws, and at the place of every committed word. */
export async function watchOverlay(page: Page): Promise<OverlayFrames> {
  const query = new URL(page.url()).searchParams;
  const number = (name: string, fallback: number) => Number(query.get(name) ?? fallback);
  const promised = {
    lines: number('lines', 2),
    chars: number('chars', 42),
    minMs: number('min_ms', 1_500),
  };
  await page.evaluate(`(${lookAtFrames})(${JSON.stringify(promised)})`);
  return { end: async () => (await page.evaluate('overlayFrames.end()')) as never };
}

// Runs in the page. Source text, since what a test imports is not there.
const lookAtFrames = `({ lines, chars, minMs }) => {
  const problems = new Set();
  const texts = [];
  const known = new Map();
  let frames = 0;
  let going = true;
  /** Where each committed word stands, in its order. */
  const places = (line) => {
    const found = [];
    const walker = document.createTreeWalker(line.querySelector('.overlay-committed'), 4);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (const match of node.data.matchAll(/\\S+/g)) {
        const range = document.createRange();
        range.setStart(node, match.index);
        range.setEnd(node, match.index + match[0].length);
        const { left, top } = range.getBoundingClientRect();
        found.push({ word: match[0], left, top });
      }
    }
    return found;
  };
  const look = () => {
    if (!going) return;
    frames++;
    const now = performance.now();
    const shown = [...document.querySelectorAll('.overlay-line')];
    if (shown.length > lines) problems.add('too many lines');
    for (const line of shown) {
      const text = line.textContent;
      if ([...text].length > chars) problems.add('too long: ' + text);
      const box = line.getBoundingClientRect();
      if (box.left < 0 || box.right > innerWidth || box.bottom > innerHeight || box.top < 0)
        problems.add('beyond the screen: ' + text);
      const committed = line.querySelector('.overlay-committed');
      const tentative = line.querySelector('.overlay-tentative');
      if (committed.compareDocumentPosition(tentative) !== 4)
        problems.add('tentative before committed: ' + text);
      let before = known.get(line);
      if (!before) {
        before = { places: [], lastMs: now };
        known.set(line, before);
      }
      const words = places(line);
      for (const [index, { word, left, top }] of before.places.entries()) {
        const after = words[index];
        if (!after || !after.word.startsWith(word)) problems.add('changed: ' + word);
        else if (Math.abs(after.left - left) > 0.5 || Math.abs(after.top - top) > 0.5)
          problems.add('moved: ' + word);
      }
      if (words.length > before.places.length) before.lastMs = now;
      before.places = words;
      texts[line.dataset.line] = committed.textContent;
    }
    for (const [line, before] of known) {
      if (line.isConnected) continue;
      const { lastMs } = before;
      known.delete(line);
      // Frames are not drawn at exact times.
      if (before.places.length > 0 && now - lastMs < minMs - 50) problems.add('left too early: ' + line.textContent);
    }
    requestAnimationFrame(look);
  };
  globalThis.overlayFrames = {
    end: () => {
      going = false;
      if (frames < 10) problems.add('no frames');
      return { problems: [...problems], lines: texts.filter((text) => text?.trim()) };
    },
  };
  requestAnimationFrame(look);
}`;
