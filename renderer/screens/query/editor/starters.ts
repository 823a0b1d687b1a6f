import { type KnownTable, nameOf } from './completion.ts';

export const starterKinds = ['latest', 'months', 'repeat', 'groups', 'first'] as const;
export interface Starter {
  readonly kind: (typeof starterKinds)[number];
  readonly table: string;
  readonly sql: string;
}

/** Starters that are offered at most; one sees them all at once. */
const most = 6;
/** Values of a column that are worth counting one by one. */
const mostValues = 60;

type Table = KnownTable['table'] & { readonly id?: string };

const isTime = (type: string): boolean => /^(timestamp|date)\b/.test(type) && !type.endsWith('[]');
const qualified = ({ schema, table }: KnownTable): string => `${nameOf(schema)}.${nameOf(table.name)}`;

/** When something came in says more of a row than when it was changed last. */
const timeOf = ({ columns }: Table): string | undefined => {
  const times = columns.filter(({ type }) => isTime(type)).map(({ name }) => name);
  return (
    times.find((name) => /received|opened|created|submitted|visit/.test(name)) ??
    times.find((name) => /completed|started|modified/.test(name)) ??
    times[0]
  );
};

/** The table that the rows of a repeat belong to, with the column that both have. */
function parentOf(known: KnownTable, all: readonly KnownTable[]): { parent: KnownTable; key: string } | null {
  const { table } = known;
  const of = (candidate: KnownTable): boolean => {
    const { id, name } = candidate.table as Table;
    const isInside =
      (id !== undefined && (table as Table).id?.startsWith(`${id}|`)) || table.name.startsWith(`${name}__`);
    return candidate.schema === known.schema && candidate !== known && isInside;
  };
  const [parent] = all.filter(of).sort((a, b) => b.table.name.length - a.table.name.length);
  const key = parent?.table.columns.find(({ name }) => table.columns.some((own) => own.name === name));
  return parent && key ? { parent, key: key.name } : null;
}

/** Columns worth looking at first: not the untouched record, and not more than fit beside each other. */
const listed = ({ columns }: Table, alias: string, count: number): string =>
  columns
    .filter(({ type }) => type !== 'jsonb' && type !== 'json')
    .slice(0, count)
    .map(({ name }) => `  ${alias}${nameOf(name)}`)
    .join(',\n');

/** Statements to begin with, made of what the dictionary knows: they run as they are. */
export function startersFor(tables: readonly KnownTable[]): Starter[] {
  const full = tables.filter(({ table }) => table.rows > 0 && table.columns.length > 0);
  const byRows = [...full].sort((a, b) => b.table.rows - a.table.rows);
  const roots = byRows.filter((known) => parentOf(known, full) === null);
  const made: Starter[] = [];
  const add = (kind: Starter['kind'], { table }: KnownTable, sql: string) =>
    void made.push({ kind, table: table.name, sql });

  for (const known of roots.slice(0, 2)) {
    const time = timeOf(known.table);
    if (time === undefined) {
      add('first', known, `SELECT *\nFROM ${qualified(known)}\nLIMIT 100;`);
      continue;
    }
    add(
      'latest',
      known,
      `SELECT\n${listed(known.table, '', 12)}\nFROM ${qualified(known)}\nORDER BY ${nameOf(time)} DESC NULLS LAST\nLIMIT 100;`,
    );
    add(
      'months',
      known,
      `SELECT date_trunc('month', ${nameOf(time)})::date AS "month", count(*) AS "rows"\nFROM ${qualified(known)}\nGROUP BY 1\nORDER BY 1;`,
    );
  }
  for (const known of byRows) {
    const above = parentOf(known, full);
    if (!above) continue;
    const key = nameOf(above.key);
    add(
      'repeat',
      known,
      `SELECT\n${listed(above.parent.table, 'p.', 4)},\n  r.*\nFROM ${qualified(known)} AS r\nJOIN ${qualified(above.parent)} AS p ON p.${key} = r.${key}\nLIMIT 100;`,
    );
    break;
  }
  const [biggest] = roots;
  const few = biggest?.table.columns.find(
    (column) =>
      /^(text|boolean|character varying)/.test(column.type) &&
      'distinct' in column &&
      typeof column.distinct === 'number' &&
      column.distinct > 1 &&
      column.distinct <= mostValues,
  );
  if (biggest && few) {
    add(
      'groups',
      biggest,
      `SELECT ${nameOf(few.name)}, count(*) AS "rows"\nFROM ${qualified(biggest)}\nGROUP BY 1\nORDER BY 2 DESC;`,
    );
  }
  return made.slice(0, most);
}
