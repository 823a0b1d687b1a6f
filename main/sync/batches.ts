/** The items in their order, so many at once; the last time maybe fewer. */
export function* batchesOf<T>(items: readonly T[], size: number): Generator<T[], void> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
