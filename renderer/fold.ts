/** Lower case without Latin accents: `electricite` finds `Électricité`; other scripts stay as they are. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
}

/** What is looked for, word by word. */
export const wordsOf = (search: string): string[] => fold(search).split(/\s+/).filter(Boolean);

/** Whether every word of a search is somewhere in a text; every text has those of an empty one. */
export function hasWords(text: string, search: string): boolean {
  const folded = fold(text);
  return wordsOf(search).every((word) => folded.includes(word));
}
