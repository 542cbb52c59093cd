import type { Match } from './find-matches.js';

/** Marks matches without touching the page's elements; browsers that cannot only scroll to them. */
export function highlight(
  name: string,
  matches: readonly Match[],
  find: (sentence: number) => Element | null,
): void {
  if (typeof Highlight === 'undefined') return;
  const ranges = matches.flatMap(({ sentence, at, end }) => {
    const element = find(sentence);
    const range = element && rangeOf(element, at, end);
    return range ? [range] : [];
  });
  CSS.highlights.set(name, new Highlight(...ranges));
}

function rangeOf(element: Element, at: number, end: number): Range | null {
  const range = document.createRange();
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let place = 0;
  let begun = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.textContent?.length ?? 0;
    if (!begun && at < place + length) {
      range.setStart(node, at - place);
      begun = true;
    }
    if (begun && end <= place + length) {
      range.setEnd(node, end - place);
      return range;
    }
    place += length;
  }
  return null;
}
