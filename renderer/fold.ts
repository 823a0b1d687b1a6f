/** Lower case without Latin accents: `electricite` finds `Électricité`; other scripts stay as they are. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
}
