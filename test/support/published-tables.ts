import type { Store } from '../../main/store/index.ts';
import type { DictionaryColumn, DictionaryTable } from '../../preload/contract/models.ts';
import { instant } from './parts.ts';

/** A column with a question. */
export const columnWith = (name: string, label: string | null, path = `form.${name}`): DictionaryColumn => ({
  ...{ name, type: 'text', nullShare: 0, distinct: 1, sourcePath: path, label },
  description: [label, path].filter((part) => part !== null).join(' — '),
});

export const tableWith = (id: string, columns: readonly DictionaryColumn[], name = id): DictionaryTable => ({
  ...{ id, name, dataset: 'forms', rows: 1, description: null, source: 'External: test' },
  columns: [...columns],
});

const asked = [
  'How many people slept under a mosquito net last night?',
  'Quelle est la principale source d’eau du ménage ?',
  '¿Cuántos niños menores de cinco años viven en el hogar?',
  'Qual é a principal fonte de água do agregado familiar?',
  'क्या घर में किसी को मलेरिया हुआ है?',
  'What is the name of the head of the household?',
  'La femme est-elle enceinte, et depuis combien de mois ?',
];

/** Tables as large projects have them: a question for each column, in several languages. */
export const questionTables = (count: number, columns: number): DictionaryTable[] =>
  Array.from({ length: count }, (_, t) =>
    tableWith(
      `form ${t}`,
      Array.from({ length: columns }, (__, c) =>
        columnWith(
          `column_${c}`,
          `${asked[(t + c) % asked.length]} (question ${c} of form ${t})`,
          `form.group_${c % 40}.column_${c}`,
        ),
      ),
      `form_${t}`,
    ),
  );

/** Publishes tables of a dataset, as the end of a sync does. */
export async function publishTables(
  store: Store,
  datasetId: string,
  tables: readonly DictionaryTable[],
): Promise<void> {
  const version = store.dictionaries.nextVersion(datasetId);
  for (const [position, table] of tables.entries())
    store.dictionaries.add(datasetId, { version, position, described: JSON.stringify(table) });
  store.transaction(() => {
    store.dictionaries.publish(datasetId, { jobId: `job ${version}`, version }, []);
    store.datasets.adopt(datasetId, { dataAsOf: instant, rowCounts: {} }, instant);
  });
  while (store.dictionaries.prune(datasetId));
}
