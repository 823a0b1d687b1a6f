import type { Page, ReadContext, RecordShape } from '../connector.ts';
import type { Value } from '../document.ts';
import type { Json } from '../json.ts';
import { pinIds } from '../pins.ts';
import { listAnswer } from './answers.ts';

/** What people named, wrote or worked out, at any depth of an application; all of it stays text. */
const textName =
  /^(?:label|label_ref|value|name|tag|type|case_type|relevant|constraint|comment|setvalue|hashtagValue|xmlns|build_comment|repeat|group|error)$/;
/** Dictionaries of one text per language. */
const languageNames = new Set(['name', 'translations']);

/**
 * Applications with their modules, forms, questions and choices as child tables of one another: a question's row has
 * the positions of its module and its form, and their names are in the rows with those positions.
 */
export const applicationsShape: RecordShape = {
  key: 'id',
  keyName: 'app_id',
  columns: [
    { path: 'name', type: 'text' },
    { path: 'version', type: 'bigint' },
    { path: 'is_released', type: 'boolean' },
    { path: 'built_on', type: 'timestamptz' },
  ],
  parts: (record) => [{ table: 'applications', label: 'applications', value: record }],
  pin(path) {
    const last = path.at(-1) ?? '';
    if (languageNames.has(path.at(-2) ?? '')) return 'text';
    return textName.test(last) ? 'text' : pinIds(path);
  },
  indexes: [],
};

/** The applications of a project space. HQ sends all of them in one answer, whatever is asked, and takes its time. */
export function fetchApplications(
  base: string,
  { http, signal }: Pick<ReadContext, 'http' | 'signal'>,
): Promise<{ records: Value[]; total: number }> {
  const parse = (body: Buffer): { records: Value[]; total: number } => {
    const { root, records } = listAnswer(body, 'objects');
    const total = root.get('meta')?.get('total_count');
    return { records, total: total?.kind === 'number' ? Number(total.text()) : records.length };
  };
  return http.get(`${base}/application/v1/`, parse, signal);
}

export async function* readApplications(base: string, context: ReadContext): AsyncGenerator<Page, void> {
  // One answer is all there is: after it, nothing is left to continue.
  if (context.cursor !== null) return;
  const { records, total } = await fetchApplications(base, context);
  yield { records, cursor: { done: true } satisfies Json, total };
}
