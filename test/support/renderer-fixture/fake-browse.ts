import type { RowCursor, RowFilter, RowOrder } from '../../../preload/contract/models.ts';
import type { Fake } from './fake-tools.ts';

/** Rows of the scenario's tables, as many as a table says that it has: behind the given ones they begin again. */
export const fakeBrowse: Fake = ({ scenario, refuse, find, changed }) => {
  type Line = (string | null)[];
  /** Rows that are put in order or narrowed; those of larger tables are only gone through. */
  const most = 20_000;
  const tableOf = (id: string, name: string) => {
    if (scenario.rowsFail)
      throw refuse(scenario.rowsFail.code, scenario.rowsFail.message, 'Check the database.');
    const dataset = find(scenario.datasets, id);
    const given = scenario.rows[name];
    const columns = given?.columns ?? scenario.tables[id]?.find((each) => each.name === name)?.columns ?? [];
    const total = given?.more ? (dataset.rowCounts[name] ?? given.rows.length) : (given?.rows.length ?? 0);
    const line = (n: number): Line => {
      const base = given?.rows[n % given.rows.length] ?? [];
      // What tells rows apart goes on counting.
      return n < (given?.rows.length ?? 0)
        ? base
        : base.map((value, at) => (at === 0 ? `${value}-${n}` : value));
    };
    return { columns, total, line, version: dataset.dataAsOf ?? '' };
  };
  const fits = (filter: RowFilter, value: string | null): boolean => {
    switch (filter.kind) {
      case 'equals':
        return value === filter.value;
      case 'oneOf':
        return filter.values.some((each) => each === value);
      case 'contains':
        return (value ?? '').toLowerCase().includes(filter.text.toLowerCase());
      case 'empty':
        return value === null || value === '';
      case 'filled':
        return value !== null && value !== '';
      case 'range':
        return (
          value !== null &&
          (filter.from === null || value >= filter.from) &&
          (filter.to === null || value <= filter.to)
        );
    }
  };
  /** The rows that fit, in their order, as the numbers they have in the table. */
  const numbers = (
    of: ReturnType<typeof tableOf>,
    filters: readonly RowFilter[],
    order: RowOrder | null,
  ): number[] | null => {
    if (filters.length === 0 && order === null) return null;
    const at = (name: string): number => of.columns.findIndex((column) => column.name === name);
    const list = Array.from({ length: Math.min(of.total, most) }, (_, n) => n).filter((n) =>
      filters.every((filter) => fits(filter, of.line(n)[at(filter.column)] ?? null)),
    );
    if (order === null) return list;
    const column = at(order.column);
    const isNumber = /int|numeric|double/.test(of.columns[column]?.type ?? '');
    const compare = (a: string, b: string): number =>
      isNumber ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0;
    return list.sort((a, b) => {
      const [x, y] = [of.line(a)[column] ?? null, of.line(b)[column] ?? null];
      if (x === null || y === null) return x === y ? a - b : x === null ? 1 : -1;
      return (order.direction === 'up' ? 1 : -1) * compare(x, y) || a - b;
    });
  };
  // A refresh is published: what every dataset is complete up to is another moment then.
  Object.assign(window, {
    fixturePublish(at: string) {
      for (const dataset of scenario.datasets)
        if (dataset.dataAsOf !== null) Object.assign(dataset, { dataAsOf: at });
      changed('datasets');
    },
  });
  interface Asked {
    readonly id: string;
    readonly table: string;
    readonly order?: RowOrder | null;
    readonly filters?: RowFilter[];
    readonly from?: RowCursor | null;
    readonly limit?: number;
    readonly columns?: string[] | null;
    readonly column?: string;
    readonly key?: string[];
  }
  return {
    'datasets.rows': (input) => {
      const asked = input as unknown as Asked;
      const of = tableOf(asked.id, asked.table);
      const list = numbers(of, asked.filters ?? [], asked.order ?? null);
      const count = list?.length ?? of.total;
      const limit = asked.limit ?? 50;
      const from = asked.from ?? null;
      const shown = asked.columns ?? of.columns.map(({ name }) => name);
      const places = shown
        .map((name) => of.columns.findIndex((column) => column.name === name))
        .filter((at) => at >= 0);
      const time = of.columns.find(({ name }) => name === 'received_on');
      const head = {
        columns: places.map((at) => of.columns[at]),
        order: asked.order ?? (time ? { column: time.name, direction: 'down' } : null),
        version: of.version,
        total: of.total,
      };
      if (from?.version != null && from.version !== of.version)
        return { ...head, rows: [], keys: [], outdated: true, more: false };
      const at = (key: string): number => (list ? list.indexOf(Number(key)) : Number(key));
      let [begin, end] = [0, Math.min(limit, count)];
      if (from?.way === 'after')
        [begin, end] = [at(from.key[0] ?? '') + 1, Math.min(count, at(from.key[0] ?? '') + 1 + limit)];
      if (from?.way === 'before')
        [begin, end] = [Math.max(0, at(from.key[0] ?? '') - limit), at(from.key[0] ?? '')];
      if (from?.way === 'last') [begin, end] = [Math.max(0, count - limit), count];
      const wanted = Array.from(
        { length: Math.max(0, end - begin) },
        (_, n) => list?.[begin + n] ?? begin + n,
      );
      return {
        ...head,
        rows: wanted.map((n) => places.map((place) => of.line(n)[place] ?? null)),
        keys: wanted.map((n) => [String(n)]),
        outdated: false,
        more: from === null || from.way === 'after' ? end < count : begin > 0,
      };
    },
    'datasets.count': (input) => {
      const asked = input as unknown as Asked;
      const of = tableOf(asked.id, asked.table);
      return {
        rows: numbers(of, asked.filters ?? [], null)?.length ?? of.total,
        exact: true,
        version: of.version,
      };
    },
    'datasets.distribution': (input) => {
      const asked = input as unknown as Asked;
      const of = tableOf(asked.id, asked.table);
      const at = of.columns.findIndex(({ name }) => name === asked.column);
      const list =
        numbers(of, asked.filters ?? [], null) ??
        Array.from({ length: Math.min(of.total, most) }, (_, n) => n);
      const values = list.map((n) => of.line(n)[at] ?? null);
      const filled = values.filter((value) => value !== null);
      const counts = [...Map.groupBy(filled, (value) => value)].map(([value, all]) => ({
        value,
        rows: all.length,
      }));
      const sorted = [...filled].sort();
      return {
        column: asked.column,
        rows: values.length,
        sampled: of.total > most,
        filled: filled.length,
        distinct: counts.length,
        min: sorted[0] ?? null,
        max: sorted.at(-1) ?? null,
        top: counts.sort((a, b) => b.rows - a.rows).slice(0, 12),
        version: of.version,
      };
    },
    'datasets.row': (input) => {
      const asked = input as unknown as Asked;
      const of = tableOf(asked.id, asked.table);
      return { columns: of.columns, values: of.line(Number(asked.key?.[0])), version: of.version };
    },
  };
};
