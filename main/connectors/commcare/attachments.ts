import type { Page, ReadContext, RecordShape } from '../connector.ts';
import { documentOf, type Value } from '../document.ts';
import type { Json } from '../json.ts';
import { pinIds } from '../pins.ts';
import { type FormPaging, readForms } from './form-reading.ts';

/** What was handed in with forms: the submission itself, photos, signatures. The files are not fetched. */
export const attachmentsShape: RecordShape = {
  key: 'attachment_id',
  keyName: 'attachment_id',
  columns: [
    { path: 'form_id', type: 'text' },
    { path: 'name', type: 'text' },
    { path: 'content_type', type: 'text' },
    { path: 'length', type: 'bigint' },
    { path: 'url', type: 'text' },
  ],
  // A form that is edited while it is read comes again, and may have lost one.
  within: 'form_id',
  parts: (record) => [{ table: 'form_attachments', label: 'form attachments', value: record }],
  pin: pinIds,
  indexes: ['form_id'],
};

/** The attachments of all forms that the options choose, in the order of the forms. No list of HQ's has them alone. */
export async function* readAttachments(
  base: string,
  context: ReadContext,
  paging?: FormPaging,
): AsyncGenerator<Page, void> {
  for await (const page of readForms(base, context, paging)) {
    const found = page.records.flatMap(attachmentsOf);
    yield {
      records: documentOf(found.map(({ row }) => row)).items(),
      keys: found.map(({ key }) => key),
      cursor: page.cursor,
      total: null,
    };
  }
}

function attachmentsOf(form: Value): { key: string; row: Json }[] {
  const id = form.get('id')?.text() ?? '';
  const attachments = form.get('attachments');
  return (attachments?.keys() ?? []).map((name) => {
    const about = attachments?.get(name)?.json();
    return { key: `${id}/${name}`, row: { form_id: id, name, ...(about as object) } };
  });
}
