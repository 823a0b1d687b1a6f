import { fold, wordsOf } from '../fold.ts';

/** What is looked through: the name that is seen, and further words that find it. */
export interface Findable {
  readonly id: string;
  readonly title: string;
  /** The language of the title, where it is not that of the window. */
  readonly lang?: string | undefined;
  /** What it is part of, or is called elsewhere. */
  readonly detail: string;
}

/** How well one word is found: 0 is best; null where it is not there at all. */
function place(title: string, detail: string, word: string): number | null {
  if (title.startsWith(word)) return 0;
  const at = title.indexOf(word);
  // The start of a word is what people type.
  if (at > 0) return /[\p{L}\p{N}]/u.test(title[at - 1] ?? '') ? 2 : 1;
  return detail.includes(word) ? 3 : null;
}

/**
 * What fits each of the words that were typed, the best first; what fits equally well stays in its order. Nothing typed
 * fits everything.
 */
export function rank<T extends Findable>(all: readonly T[], text: string, most: number): T[] {
  const words = wordsOf(text);
  const scored: { readonly each: T; readonly score: number }[] = [];
  for (const each of all) {
    const [title, detail] = [fold(each.title), fold(each.detail)];
    let score = 0;
    for (const word of words) {
      const one = place(title, detail, word);
      if (one === null) {
        score = Number.NaN;
        break;
      }
      score += one;
    }
    if (!Number.isNaN(score)) scored.push({ each, score });
  }
  return scored
    .sort((a, b) => a.score - b.score)
    .slice(0, most)
    .map(({ each }) => each);
}
