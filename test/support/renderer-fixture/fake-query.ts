import type { PastQuery, PlanStep } from '../../../preload/contract/models.ts';
import type { FakeHandlers, FakeTools } from './fake-tools.ts';

/**
 * Asking in SQL, as the core would answer; what a statement says decides: `million`, `empty`, `sleep`, `wrong_column`,
 * DELETE, `superuser`, `gone`, `long_texts`, `monthly`, `down`.
 */
export function fakeQuery({ scenario, emit, wait, refuse, find, drop, stamp, id }: FakeTools): FakeHandlers {
  type Value = string | null;
  interface Open {
    rows: (at: number) => Value[];
    all: number;
    limit: number;
    sent: number;
    isGone: boolean;
  }
  const open = new Map<string, Open>();
  const past: PastQuery[] = [];
  const projectId = scenario.projects[0]?.id ?? id();
  const remember = (sql: string, over: Partial<PastQuery>): PastQuery => {
    const made: PastQuery = {
      ...{
        id: id(),
        projectId,
        connectionId: null,
        personName: scenario.info.person.name,
        isMine: true,
        way: 'window',
      },
      ...{ at: stamp(), sql, hasLiterals: true, outcome: 'done', ms: 12.5, rows: 50, code: null },
      ...{ tables: [], name: null, isPinned: false, isShared: false },
      ...over,
    };
    past.unshift(made);
    return made;
  };
  const schema = scenario.datasets[0]?.schemaName ?? 'data';
  if (scenario.datasets.length > 0) {
    remember(`SELECT village, count(*) FROM ${schema}.forms GROUP BY 1`, {
      ...{ name: 'Forms per village', isPinned: true, ms: 412, tables: [`${schema}.forms`] },
    });
    remember('DELETE FROM forms', { outcome: 'refused', code: 'not_reading', ms: 1, rows: null });
    remember(`SELECT * FROM ${schema}.cases LIMIT 10`, {
      ...{ isMine: false, isShared: true, personName: 'Femi Adeyemi', way: 'agent', hasLiterals: false },
    });
  }
  const words = ['Gidan Rumfa', 'Kwanar Ɗangora', '', 'Head of household was away; come back on market day'];
  const columns = [
    { name: 'id', type: 'bigint' },
    { name: 'village', type: 'text' },
    { name: 'household_size', type: 'integer' },
    { name: 'received_on', type: 'timestamp with time zone' },
    { name: 'share', type: 'numeric(10,2)' },
    { name: 'consent', type: 'boolean' },
    { name: 'remarks', type: 'text' },
    { name: 'raw', type: 'jsonb' },
  ];
  const usual = (at: number): Value[] => [
    String(at + 1),
    words[at % 2] ?? '',
    at % 5 === 4 ? null : String((at * 7) % 11),
    `2026-11-${String((at % 20) + 1).padStart(2, '0')} 10:45:00+00`,
    `${at % 100}.50`,
    at % 3 === 0 ? 'f' : 't',
    at % 4 === 0 ? null : (words[(at % 3) + 1] ?? ''),
    `{"n": 9007199254740993, "village": "${words[at % 2]}", "nets": [1, 2, {"given": true}], "none": []}`,
  ];
  const french =
    'Programme national de distribution de moustiquaires imprégnées d’insecticide – région du Centre-Nord';
  const hindi = 'राष्ट्रीय मलेरिया उन्मूलन कार्यक्रम – ग्रामीण स्वास्थ्य सर्वेक्षण एवं आशा कार्यकर्ता मासिक प्रतिवेदन';
  const failed = (sql: string, code: string, message: string, advice: string, query: object): unknown => {
    const { reason, sqlState } = query as { reason?: string; sqlState?: string };
    remember(sql, {
      ...{ outcome: code === 'QUERY_REFUSED' ? 'refused' : 'failed', ms: 2, rows: null },
      code: reason ?? sqlState ?? code,
    });
    return { ...(refuse(code, message, advice) as object), query };
  };
  /** As PostgreSQL counts: in characters from 1. */
  const placeIn = (sql: string, word: string): number => [...sql.slice(0, sql.indexOf(word))].length + 1;
  const check = async (sql: string, callId: string): Promise<void> => {
    if (/\bdelete\b/i.test(sql)) {
      throw failed(
        sql,
        'QUERY_REFUSED',
        'DELETE changes data.',
        'Headgate runs one statement that only reads, over the tables of this project.',
        { reason: 'not_reading', position: 1 },
      );
    }
    if (sql.includes('wrong_column')) {
      throw failed(
        sql,
        'QUERY_FAILED',
        'column "wrong_column" does not exist',
        'Correct the statement at the place named, then run it again.',
        {
          ...{ trouble: 'execution', sqlState: '42703', position: placeIn(sql, 'wrong_column') },
          meant: ['village', 'household_size'],
        },
      );
    }
    if (sql.includes('down'))
      throw failed(sql, 'DB_TIMEOUT', 'db.example.org did not answer.', 'Try again.', {});
    if (sql.includes('sleep')) {
      try {
        await wait(60_000, callId);
      } catch (error) {
        remember(sql, { outcome: 'cancelled', ms: 900, rows: null, code: 'CANCELLED' });
        document.documentElement.dataset['cancelled'] = sql;
        throw error;
      }
    }
  };
  const page = (handle: string, of: Open, count: number) => {
    const most = Math.min(of.all, of.limit);
    const rows: Value[][] = [];
    for (let at = of.sent; at < Math.min(most, of.sent + count); at++) rows.push(of.rows(at));
    of.sent += rows.length;
    const end = of.sent < most ? 'open' : of.all > of.limit ? 'limit' : 'done';
    if (end !== 'open') open.delete(handle);
    return { rows, soFar: of.sent, end };
  };
  const input = (given: unknown) =>
    given as { sql: string; limit?: number; pageRows?: number; handle: string };
  const step = (
    what: string,
    on: string | null,
    cost: number,
    ms: number | null,
    steps: PlanStep[],
  ): PlanStep => ({
    ...{ what, on, rows: cost * 2, actualRows: ms === null ? null : cost * 2 + 4, cost, ms, steps },
    details: on === null ? [] : [{ name: 'Filter', text: '(household_size > 4)' }],
  });
  return {
    'query.open': async (given, callId) => {
      const { sql, limit = 10_000, pageRows = 500 } = input(given);
      document.documentElement.dataset['asked'] = JSON.stringify(given);
      await check(sql, callId);
      const monthly = sql.includes('monthly');
      const long = sql.includes('long_texts');
      const of: Open = {
        rows: monthly
          ? (at) => [`2026-${String(at + 1).padStart(2, '0')}-01`, String(400 + ((at * 137) % 310))]
          : long
            ? (at) => [String(at), at % 2 === 0 ? french : hindi, at % 2 === 0 ? hindi : french]
            : usual,
        all: sql.includes('million') ? 1_000_000 : sql.includes('empty') ? 0 : monthly ? 11 : 30_000,
        ...{ limit, sent: 0, isGone: sql.includes('gone') },
      };
      const handle = id();
      open.set(handle, of);
      const first = page(handle, of, pageRows);
      const made = remember(sql, { rows: first.soFar });
      const isSuper = sql.includes('superuser');
      return {
        ...first,
        queryId: made.id,
        handle: first.end === 'open' ? handle : null,
        columns: monthly
          ? [
              { name: 'month', type: 'date' },
              { name: 'rows', type: 'bigint' },
            ]
          : long
            ? [
                { name: 'nombre', type: 'bigint' },
                { name: 'programme_national_de_distribution', type: 'text' },
                { name: 'कार्यक्रम', type: 'text' },
              ]
            : columns,
        role: isSuper ? 'postgres' : 'headgate_reader',
        warnings: isSuper ? ['superuser', 'no_reader_role'] : [],
        sources: scenario.datasets.slice(0, 1).map((dataset) => ({
          datasetId: dataset.id,
          schemaName: dataset.schemaName,
          sourceName: dataset.sourceName,
          dataAsOf: dataset.dataAsOf,
        })),
        ms: 12.5,
      };
    },
    'query.page': (given) => {
      const { handle, pageRows = 500 } = input(given);
      const of = open.get(handle);
      if (!of || of.isGone) throw refuse('QUERY_GONE', 'This query is closed.', 'Run the query again.');
      return page(handle, of, pageRows);
    },
    'query.close': (given) => {
      open.delete(input(given).handle);
      return {};
    },
    'query.explain': async (given, callId) => {
      document.documentElement.dataset['asked'] = JSON.stringify(given);
      await check(input(given).sql, callId);
      const ms = given['measure'] === true ? 1 : null;
      const at = (milliseconds: number) => ms && milliseconds;
      const root = step('Hash Join', null, 940, at(41.2), [
        step('Seq Scan', `${schema}.forms`, 780, at(33.1), []),
        step('Hash', null, 90, at(4.4), [step('Index Scan', `${schema}.cases`, 80, at(3.9), [])]),
      ]);
      return {
        root,
        ms: at(41.6),
        text: 'Hash Join  (cost=0.00..940.00 rows=1880)\n  ->  Seq Scan on forms',
      };
    },
    'query.export': async (given, callId) => {
      const { progressId, ...asked } = given;
      document.documentElement.dataset['exported'] = JSON.stringify(asked);
      const format = String(given['format']);
      if (String(given['sql']).includes('sleep')) {
        emit('query.exportProgressed', { progressId, rows: 1_204_500, bytes: 268_435_456 });
        await wait(60_000, callId);
      }
      const cut = format === 'xlsx' && String(given['sql']).includes('long_texts') ? 3 : 0;
      return { queryId: id(), savedTo: `/home/ada/query.${format}`, rows: 30_000, bytes: 1_204_224, cut };
    },
    'query.saveChart': (given) => {
      document.documentElement.dataset['picture'] = String(given['content']);
      return { savedTo: `/home/ada/chart.${String(given['format'])}` };
    },
    'query.history': (given) => {
      const { text, only, limit } = given as unknown as { text: string; only: string; limit: number };
      const fits = past.filter(
        (each) =>
          `${each.name ?? ''} ${each.sql}`.toLowerCase().includes(text.toLowerCase()) &&
          (only === 'all' ||
            (only === 'mine' && each.isMine) ||
            (only === 'shared' && each.isShared) ||
            (only === 'pinned' && each.isPinned)),
      );
      return { queries: fits.slice(0, limit), more: fits.length > limit };
    },
    'query.keep': (given) => Object.assign(find(past, given['id'] ?? ''), given),
    'query.forget': (given) => drop(past, given['id'] ?? ''),
    'query.statistics': () => ({
      slowest: [...past].sort((a, b) => (b.ms ?? 0) - (a.ms ?? 0)).slice(0, 5),
      tables: [{ table: `${schema}.forms`, queries: 14 }],
      ...{ queries: past.length, failed: past.filter(({ outcome }) => outcome === 'failed').length },
    }),
  };
}
