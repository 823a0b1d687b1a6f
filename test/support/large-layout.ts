import { documentOf } from '../../main/connectors/document.ts';
import type { JsonObject } from '../../main/connectors/json.ts';
import { createShape } from '../../main/sync/shape/shape.ts';

/* Builds the layout of a large project in a process of its own, and tells how much memory it takes. */

const tables = 3000;
const columns = 67;
const used = (): number => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
};

const shape = createShape(
  {
    key: 'id',
    keyName: 'form_id',
    columns: [],
    indexes: [],
    pin: () => undefined,
    parts: (record) => {
      const id = record.get('xmlns')?.text() ?? '';
      return [{ table: `form/${id}`, label: `form ${id}`, value: record }];
    },
  },
  'forms',
);
const before = used();
for (let table = 0; table < tables; table += 1) {
  const groups = Array.from({ length: 6 }, (): JsonObject => ({}));
  for (let at = 0; at < columns; at += 1) {
    (groups[at % 6] as JsonObject)[`question_number_${at}_of_${table}`] = at % 3 === 0 ? '12' : 'word';
  }
  const body = Object.fromEntries(groups.map((group, at) => [`group_${at}`, group]));
  const record = { id: `r${table}`, xmlns: `http://openrosa.org/formdesigner/${table}`, ...body };
  for (const value of documentOf([record]).items()) shape.add(value);
  shape.clearRows();
}
const mb = used() - before;
const text = shape.changes()?.text ?? '';
const spec = { key: 'id', keyName: '', columns: [], indexes: [], pin: () => undefined, parts: () => [] };
const again = createShape(spec, 'forms', { layout: [text], seq: 0 });
const count = (of: typeof shape): number => of.tables.reduce((sum, table) => sum + table.columns.length, 0);
process.stdout.write(JSON.stringify({ columns: count(shape), mb, same: count(again) === count(shape) }));
