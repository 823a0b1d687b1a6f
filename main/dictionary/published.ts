import type { DescribedColumn, DescribedTable, Dictionary } from '../../preload/contract/models.ts';
import type { Said } from '../../preload/contract/said.ts';

/** A published dataset with its dictionary, as it is handed on. */
export interface Published extends Omit<Dictionary, 'jobId'> {
  readonly projectName: string;
  readonly sourceName: string;
}

/** What a description says beyond label and path; in the database all three are one comment. */
function further({ label, description, sourcePath }: DescribedColumn): string {
  const known = [label, sourcePath].filter((part) => part !== null).join(' — ');
  const text = description ?? '';
  return known !== '' && text.startsWith(known) ? text.slice(known.length).replace(/^\. /, '') : text;
}

/** What something means: what a person says, then what the source does. Empty where nobody says anything. */
export function meaningOf(thing: DescribedColumn | DescribedTable): string {
  const texts =
    'columns' in thing
      ? [thing.note?.description, thing.description]
      : [thing.note?.description, thing.label, further(thing)];
  return texts.filter((text) => text != null && text !== '').join('\n');
}

/** Writes a sentence in the language of whoever reads what is exported. */
export type WriteSaid = (said: Said) => string;
