import type { PostProcessingRules } from '../protocol/index.js';
import type { Piece } from './pieces.js';
import { comparable, partsOf, unitsOf } from './word-parts.js';

export type MaskStyle = NonNullable<PostProcessingRules['mask']>['style'];

/** What becomes of a phrase. */
export type PhraseRule =
  | { readonly kind: 'write'; readonly to: string }
  | { readonly kind: 'mask'; readonly style: MaskStyle };

/** What a place in a text begins with. */
export interface Found {
  /** The longest phrase that begins there. */
  readonly match: { readonly rule: PhraseRule; readonly length: number } | null;
  /** Whether the text ends before it is certain that no longer phrase begins there. */
  readonly goesOn: boolean;
}

interface Node {
  readonly next: Map<string, Node>;
  rule?: PhraseRule;
}

/** Phrases by their words, a tree of them: a text is compared with all phrases at once. */
export class PhraseBook {
  readonly #root: Node = { next: new Map() };

  /** @param language ISO 639-1 code; rules of other languages are left out. */
  constructor({ replacements = [], mask }: PostProcessingRules, language: string) {
    const isMeant = (rule: { language?: string | undefined }) =>
      rule.language === undefined || rule.language === language;
    for (const replacement of replacements.filter(isMeant)) {
      const { from, to } = replacement;
      for (const phrase of [from].flat()) this.#add(phrase, { kind: 'write', to });
    }
    if (!mask || !isMeant(mask)) return;
    for (const phrase of mask.words) this.#add(phrase, { kind: 'mask', style: mask.style });
  }

  find(pieces: readonly Piece[], from: number): Found {
    let node = this.#root;
    let match: Found['match'] = null;
    for (let at = from; at < pieces.length; at++) {
      const next = node.next.get(
        keyOf(pieces[at] as Piece, at > from ? pieces[at - 1] : undefined),
      );
      if (!next) return { match, goesOn: false };
      if (next.rule) match = { rule: next.rule, length: at - from + 1 };
      node = next;
    }
    return { match, goesOn: node.next.size > 0 };
  }

  /** Of two rules for the same phrase the first one counts. */
  #add(phrase: string, rule: PhraseRule): void {
    let node = this.#root;
    const pieces = phrase.split(/\s+/u).filter(Boolean).flatMap(comparedOf);
    if (pieces.length === 0) return;
    for (const [at, piece] of pieces.entries()) {
      const key = keyOf(piece, pieces[at - 1]);
      const next = node.next.get(key) ?? { next: new Map() };
      node.next.set(key, next);
      node = next;
    }
    node.rule ??= rule;
  }
}

type Compared = Pick<Piece, 'lead' | 'unit' | 'trail'>;

function comparedOf(word: string): Compared[] {
  const { lead, core, trail } = partsOf(word);
  const units = unitsOf(core);
  return units.map((unit, index) => ({
    lead: index === 0 ? lead : '',
    unit: comparable(unit),
    trail: index === units.length - 1 ? trail : '',
  }));
}

/** Signs between the words of a phrase count ("no. Way" is not "no way"); those around it do not. */
function keyOf({ lead, unit }: Compared, before: Compared | undefined): string {
  return before ? `${before.trail}${lead}\0${unit}` : unit;
}
