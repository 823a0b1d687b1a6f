import type { DictionaryTable } from '../../preload/contract/models.ts';

/** Where a repeat's path begins in the id of its table, and where a step of it ends. */
const repeatMark = '|';
const stepMark = '.';

/** What a repeat is called: the last step of its path that is not the wrapper of CommCare's model iterations. */
function repeatName(path: string): string | null {
  const steps = path
    .split(/(?<!\\)\./)
    .map((step) => step.replaceAll('\\.', stepMark).replaceAll('\\\\', '\\'));
  return steps.filter((step, at) => at === 0 || step !== 'item').at(-1) ?? null;
}

/**
 * What the source calls a table: the title of a form, the name of a list, the last step of a repeat's path. It is read from what
 * stands in the dictionary, so that it is there for what was published before; null where that says nothing.
 */
export function titleOf({
  id,
  description,
  source,
}: Pick<DictionaryTable, 'id' | 'description' | 'source'>): string | null {
  const mark = id.indexOf(repeatMark);
  if (mark >= 0) return repeatName(id.slice(mark + 1)) || null;
  const [, ...rest] = id.split('/');
  const text = description ?? '';
  const ends = [rest.length === 0 ? '' : ` (${rest.join('/')})`, `. ${source}`].filter((end) => end !== '');
  for (const end of ends) {
    const at = text.indexOf(end);
    if (at > 0) return text.slice(0, at).trim() || null;
  }
  return null;
}

/** The table that a repeat lies in, of all tables of its dataset: the one whose path is the longest part of its own. */
export function parentOf(
  id: string,
  tables: readonly { readonly id: string; readonly name: string }[],
): string | null {
  if (!id.includes(repeatMark)) return null;
  let best: { readonly id: string; readonly name: string } | null = null;
  for (const table of tables) {
    const joint = table.id.includes(repeatMark) ? stepMark : repeatMark;
    if (id.startsWith(`${table.id}${joint}`) && table.id.length > (best?.id.length ?? -1)) best = table;
  }
  return best?.name ?? null;
}
