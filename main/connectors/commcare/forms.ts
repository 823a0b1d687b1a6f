import type { RecordShape } from '../connector.ts';
import { documentOf } from '../document.ts';
import { closing, pinIds } from '../pins.ts';

const nothing = documentOf({});
const formPart = new Set(['form']);
/** What the header of a form says is in `forms` for every submission; a form's own table begins with its questions. */
const formHeader = new Set(['#type', '@name', '@uiVersion', '@version', '@xmlns']);

/**
 * Forms: `forms` has what every submission has; each form (told apart by its xmlns, never by its name) has a table of
 * its questions.
 */
export const formsShape: RecordShape = {
  key: 'id',
  keyName: 'form_id',
  columns: [
    { path: 'received_on', type: 'timestamptz' },
    { path: 'form_name', type: 'text' },
    { path: 'xmlns', type: 'text' },
    { path: 'app_id', type: 'text' },
    { path: 'build_id', type: 'text' },
    { path: 'archived', type: 'boolean' },
    { path: 'edited_on', type: 'timestamptz' },
    { path: 'server_modified_on', type: 'timestamptz' },
    { path: 'indexed_on', type: 'timestamptz' },
  ],
  parts(record) {
    const inner = record.get('form');
    const form = inner?.kind === 'object' ? inner : nothing;
    const xmlns = form.get('@xmlns');
    const type = form.get('#type');
    const name = form.get('@name') ?? type;
    const extra = {
      form_name: name,
      xmlns,
      type,
      version: form.get('@version'),
      uiversion: form.get('@uiVersion'),
    };
    const id = xmlns?.text() ?? '';
    return [
      { table: 'forms', label: 'forms', value: record, skip: formPart, extra },
      { table: `form/${id}`, label: `form ${name?.text() || id}`, value: form, skip: formHeader },
    ];
  },
  pin: (path) => (path[0] === 'attachments' && path.length === 1 ? 'json' : pinIds(path)),
  flag: closing,
  indexes: ['received_on'],
};
