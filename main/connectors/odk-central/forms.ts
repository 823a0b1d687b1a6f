import type {
  AskContext,
  DatasetSpec,
  FoundDataset,
  KnownField,
  Part,
  PinnedType,
  RecordShape,
} from '../connector.ts';
import { documentOf, parseDocument, type Value } from '../document.ts';
import type { Json } from '../json.ts';
import { markOf } from '../marked.ts';
import { fieldsIn } from './metadata.ts';
import { projectPath } from './paths.ts';
import { formsGone } from './refusals.ts';

/** What the files of a record are called as a repeat; where a question is called so, with ODK's mark of its own names. */
const attachmentsBeside = (fields: readonly KnownField[]): string =>
  fields.some(({ path }) => path[0] === 'attachments') ? '__attachments' : 'attachments';

/** A form as the list of a project's forms has it. */
interface Form {
  readonly id: string;
  readonly title: string;
  readonly submissions: number | null;
}

/** Texts of a record's fields as plain text. */
const textOf = (record: Value, field: string): string => record.get(field)?.text() ?? '';

function formsIn(body: Buffer): Form[] {
  const root = parseDocument(body);
  if (root.kind !== 'array') throw new SyntaxError('not a list of forms');
  return root.items().flatMap((form): Form[] => {
    const id = textOf(form, 'xmlFormId');
    if (form.kind !== 'object' || id === '') throw new SyntaxError('not a form');
    // One that was never published has no submissions but those of its draft.
    if (form.get('publishedAt')?.kind === 'null') return [];
    const count = form.get('submissions');
    const submissions = count?.kind === 'number' ? Number(count.text()) : null;
    return [{ id, title: textOf(form, 'name') || id, submissions }];
  });
}

const listForms = ({ http, settings, signal }: Omit<AskContext, 'options'>): Promise<Form[]> =>
  http.get(`${projectPath(settings)}/forms`, formsIn, signal);

/** The forms of the project, each a dataset: they are called by the ids that their definitions have. */
export async function findForms(context: Omit<AskContext, 'options'>): Promise<FoundDataset[]> {
  return (await listForms(context)).map(({ id, title, submissions }) => ({
    name: id,
    label: title,
    description: id === title ? '' : id,
    total: submissions,
  }));
}

/** How forms are read, in the order of `names`: their tables and types follow from what the server says of their fields. */
export async function formSpecs(names: readonly string[], context: AskContext): Promise<DatasetSpec[]> {
  const forms = new Map((await listForms(context)).map((form) => [form.id, form]));
  const missing = names.filter((name) => !forms.has(name));
  if (missing.length > 0) throw formsGone(missing, context.settings['project'] ?? '');
  const specs: DatasetSpec[] = [];
  for (const name of names) {
    const form = forms.get(name) as Form;
    const path = `${projectPath(context.settings)}/forms/${encodeURIComponent(name)}`;
    const fields = await context.http.get(
      `${path}.svc/$metadata`,
      (body) => fieldsIn(body.toString('utf8'), form.title),
      context.signal,
    );
    const files = await context.http.get(`${path}/fields?odata=true`, filesIn, context.signal);
    specs.push({
      name,
      label: form.title,
      description: '',
      shape: formShape(name, form.title, fields, files),
    });
  }
  return specs;
}

/** The paths of questions that are answered by a file; the metadata calls them texts. */
function filesIn(body: Buffer): string[][] {
  const root = parseDocument(body);
  if (root.kind !== 'array') throw new SyntaxError('not a list of fields');
  return root
    .items()
    .filter((field) => field.get('binary')?.kind === 'true')
    .map((field) => textOf(field, 'path').split('/').slice(1));
}

const key = (path: readonly string[]): string => path.join('\0');

/** Links and counts that the protocol puts beside the data. */
const isProtocol = (path: readonly string[]): boolean => path.at(-1)?.includes('@odata.') === true;

/** A form's table, a table for each of its repeats, and one for the files that were handed in with it. */
export function formShape(
  name: string,
  title: string,
  fields: readonly KnownField[],
  files: readonly (readonly string[])[],
): RecordShape {
  const attachments = attachmentsBeside(fields);
  // What people were asked comes first.
  const isOwn = ({ path }: KnownField): boolean => path[0] === '__system' || path[0] === 'meta';
  const own: KnownField[] = [...fields.filter((each) => !isOwn(each)), ...fields.filter(isOwn)];
  if (files.length > 0) {
    own.push({ path: [attachments], type: 'repeat' });
    for (const column of ['field', 'name', 'url']) own.push({ path: [attachments, column], type: 'text' });
  }
  const types = new Map<string, PinnedType>();
  for (const { path, type } of own) if (type !== 'repeat') types.set(key(path), type);
  return {
    key: '__id',
    title,
    keyName: 'submission_id',
    columns: [],
    fields: own.filter(({ path }) => path[0] !== '__id'),
    parts: (record): Part[] => [
      { table: name, label: title, value: record, ...listOf(attachments, filesOf(record, name, files)) },
    ],
    pin: (path) => types.get(key(path)),
    omits: isProtocol,
    indexes: ['__system.submissionDate'],
  };
}

const listOf = (called: string, rows: Json[]): Pick<Part, 'lists'> =>
  rows.length === 0 ? {} : { lists: { [called]: documentOf(rows) } };

/** The files of a record: the question, the name of its file, and where that is. */
function filesOf(record: Value, form: string, files: readonly (readonly string[])[]): Json[] {
  const found: Json[] = [];
  const base = textOf(markOf(record), 'base');
  const id = encodeURIComponent(textOf(record, '__id'));
  const visit = (value: Value, path: readonly string[], at: number): void => {
    if (value.kind === 'array') for (const item of value.items()) visit(item, path, at);
    else if (at < path.length) {
      const below = value.get(path[at] as string);
      if (below) visit(below, path, at + 1);
    } else if (value.text() !== '') {
      const name = value.text();
      const url = `${base}/forms/${encodeURIComponent(form)}/submissions/${id}/attachments/${encodeURIComponent(name)}`;
      found.push({ field: path.join('.'), name, url });
    }
  };
  for (const path of files) visit(record, path, 0);
  return found;
}
