import type { QueryAnswer, QueryWay } from '../../../preload/contract/models.ts';
import type { Seat } from '../../access/seats.ts';
import { AppError } from '../../errors.ts';
import type { Grammar } from '../../query/check/grammar.ts';
import { withParameters } from '../../query/check/parameters.ts';
import { readStatement } from '../../query/check/statement.ts';
import { formatterOf } from '../../query/export/formats.ts';
import { inPieces, insistPicture } from '../../query/export/pictures.ts';
import { type CopyRequest, copyQuery, isCopied } from '../../query/run/copy.ts';
import { planOf } from '../../query/run/plan.ts';
import {
  type OpenQuery,
  openQuery,
  type QueryDeps,
  type QueryPlace,
  type QueryRequest,
} from '../../query/run/query.ts';
import type { Caller, Handlers, Services } from '../context.ts';
import { createHandles } from './handles.ts';
import { type Readable, readableOf, sourcesOf } from './readable.ts';

/** A query whose next page nobody asks for so long is closed. */
const idleMs = 5 * 60_000;
const hourMs = 3_600_000;
const statisticsDays = 30;
/** Rows of one step of an export. */
const exportedAtOnce = 5000;

const wayOf = ({ kind }: Seat): QueryWay => kind;
const namesOf = ({ tables }: Pick<OpenQuery, 'tables'>): string[] =>
  tables.map(({ schema, name }) => `${schema}.${name}`);

export interface QueryRoom {
  readonly handlers: Handlers<'query'>;
  /** The person's session at a seat ended: what they have open there ends. */
  left(seat: Seat, personId: string): void;
  close(): Promise<void>;
}

/** Asking in SQL: checked, run in a transaction that can't write, and written down. `grammar` is loaded at the first query. */
export function createQueryRoom(
  services: Services,
  deps: { readonly grammar: () => Promise<Grammar>; readonly elapsed: () => number },
): QueryRoom {
  const { store, host, now } = services;
  const handles = createHandles({ idleMs });
  let loading: Promise<Grammar> | null = null;
  const grammarNow = (): Promise<Grammar> => {
    loading ??= deps.grammar();
    return loading;
  };
  // What a process that is gone had open.
  store.queries.closeLeft(new Date(host.clock.now() - hourMs).toISOString());

  const insistRate = (personId: string): void => {
    const { queriesAnHour } = services.access.policy();
    const hourAgo = new Date(host.clock.now() - hourMs).toISOString();
    const first = store.queries.nthNewest(personId, hourAgo, queriesAnHour);
    if (first === null) return;
    const until = new Date(Date.parse(first) + hourMs).toISOString();
    throw new AppError(
      'QUERY_LIMIT',
      `You have asked ${queriesAnHour} queries within an hour, which is the limit. The next can be asked at ${until}.`,
      { query: { trouble: 'too_many' } },
    );
  };

  /** Begins an entry of the history; `end` is called once. */
  const begin = async (projectId: string, asked: string, { person, seat }: Caller) => {
    // Of an agent every call is counted, by its grant.
    if (seat.kind !== 'agent') insistRate(person.id);
    const id = services.newId();
    const hasLiterals = services.access.policy().queryLiterals === 'keep';
    // What the grammar does not understand could have a value anywhere.
    const sql = hasLiterals ? asked : ((await grammarNow()).withoutLiterals(asked) ?? '');
    store.queries.begin({
      ...{ id, projectId, sql, at: now(), hasLiterals },
      ...{ personId: person.id, personName: person.name, way: wayOf(seat) },
    });
    const started = deps.elapsed();
    const ms = (): number => Math.round((deps.elapsed() - started) * 10) / 10;
    let over = false;
    return {
      id,
      ms,
      end(outcome: 'done' | 'stopped', rows: number, tables: readonly string[] | null): void {
        if (over) return;
        over = true;
        store.queries.end(id, { outcome, ms: ms(), rows, code: null, tables });
      },
      failed(error: unknown): void {
        if (over) return;
        over = true;
        const known = error instanceof AppError ? error : null;
        const code = known?.query?.sqlState ?? known?.query?.reason ?? known?.code ?? 'INTERNAL';
        const outcome =
          known?.code === 'QUERY_REFUSED' ? 'refused' : known?.code === 'CANCELLED' ? 'cancelled' : 'failed';
        store.queries.end(id, { outcome, ms: ms(), rows: null, code, tables: null });
      },
    };
  };

  /** Where a query of this person runs, once there is room for it. */
  const placeFor = async (
    { connectionId, schemas, readerRole }: Readable,
    timeoutSeconds: number | undefined,
    { person, seat }: Caller,
  ): Promise<{ deps: QueryDeps; place: QueryPlace }> => {
    const { size, statementTimeoutSeconds } = store.connections.get(connectionId).pool;
    await handles.makeRoom(seat, connectionId, size);
    const timeoutMs = Math.min(timeoutSeconds ?? statementTimeoutSeconds, statementTimeoutSeconds) * 1000;
    return {
      deps: {
        reader: services.leases.readerFor(person, connectionId, 'query'),
        grammar: await grammarNow(),
      },
      // Here it is closed first; the server only ends what nobody is left to close.
      place: { schemas, readerRole, timeoutMs, idleMs: idleMs + 60_000 },
    };
  };
  const openAs = async (
    readable: Readable,
    input: Omit<QueryRequest, keyof QueryPlace> & { readonly timeoutSeconds?: number | undefined },
    caller: Caller,
  ): Promise<OpenQuery> => {
    const { sql, parameters, limit, whole, timeoutSeconds } = input;
    const { deps: reading, place } = await placeFor(readable, timeoutSeconds, caller);
    return openQuery(reading, { ...place, sql, parameters, limit, whole }, caller.signal);
  };

  const handlers: Handlers<'query'> = {
    async 'query.open'(input, caller) {
      const { person, seat, signal } = caller;
      const readable = readableOf(services, input.projectId, person);
      const entry = await begin(input.projectId, input.sql, caller);
      try {
        const query = await openAs(
          readable,
          { ...input, parameters: input.parameters, whole: false },
          caller,
        );
        const tables = namesOf(query);
        caller.tell(`tables=${tables.slice(0, 20).join(',')}`);
        const page = await query.next(input.pageRows, signal);
        const answer: QueryAnswer = {
          ...page,
          queryId: entry.id,
          handle: page.end === 'open' ? services.newId() : null,
          columns: [...query.columns],
          role: query.role,
          warnings: [...query.warnings],
          sources: sourcesOf(readable, query.tables),
          ms: entry.ms(),
        };
        if (answer.handle === null) {
          entry.end('done', page.soFar, tables);
          await query.close();
        } else {
          handles.add(
            {
              ...{ id: answer.handle, seat, personId: person.id, connectionId: readable.connectionId, query },
              onOver: (rows, isDone) => entry.end(isDone ? 'done' : 'stopped', rows, tables),
            },
            page.soFar,
          );
        }
        return answer;
      } catch (error) {
        entry.failed(error);
        throw error;
      }
    },
    async 'query.page'({ handle, pageRows }, { person, seat, signal }) {
      const held = handles.take(handle, seat, person.id);
      const page = await held.query.next(pageRows, signal);
      held.noted(page);
      return page;
    },
    async 'query.close'({ handle }, { seat }) {
      await handles.close(handle, seat);
      return {};
    },
    async 'query.explain'({ measure, ...input }, caller) {
      const readable = readableOf(services, input.projectId, caller.person);
      const sql = `EXPLAIN (FORMAT JSON${measure ? ', ANALYZE, BUFFERS' : ''}) ${input.sql}`;
      const entry = await begin(input.projectId, sql, caller);
      try {
        const query = await openAs(
          readable,
          { ...input, parameters: input.parameters, sql, limit: 1, whole: true },
          caller,
        );
        const { rows } = await query.next(1, caller.signal);
        await query.close();
        entry.end('done', 0, namesOf(query));
        return planOf(rows[0]?.[0] ?? '');
      } catch (error) {
        entry.failed(error);
        throw error;
      }
    },
    async 'query.export'(input, caller) {
      const { person, seat, signal } = caller;
      const readable = readableOf(services, input.projectId, person);
      const entry = await begin(input.projectId, input.sql, caller);
      const parameters = input.parameters;
      let tables: string[] | null = null;
      let [rows, bytes] = [0, 0];
      const counted = (text: string): string => {
        bytes += Buffer.byteLength(text);
        return text;
      };
      // Opened once it is known where it goes: while somebody looks for a folder, no transaction stands open at the server.
      const copied = async function* (): AsyncGenerator<string> {
        const { deps: reading, place } = await placeFor(readable, input.timeoutSeconds, caller);
        const request: CopyRequest = {
          ...{ ...place, sql: input.sql, delimiter: input.delimiter },
          onOpen: (read) => {
            tables = namesOf({ tables: read });
          },
          onRows: (count) => {
            rows = count;
          },
        };
        if (input.bom) yield counted('\uFEFF');
        for await (const piece of copyQuery(reading, request, signal)) yield counted(piece);
      };
      const pieces = async function* (): AsyncGenerator<string> {
        const whole = { ...input, parameters, limit: Number.MAX_SAFE_INTEGER, whole: true };
        const query = await openAs(readable, whole, caller);
        try {
          tables = namesOf(query);
          const formatter = formatterOf(query.columns, input);
          yield counted(formatter.head);
          for (let end = 'open', first = true; end === 'open'; first = false) {
            const page = await query.next(exportedAtOnce, signal);
            ({ end, soFar: rows } = page);
            yield counted(formatter.rows(page.rows, first));
          }
          yield counted(formatter.foot);
        } finally {
          await query.close();
        }
      };
      try {
        const grammar = await grammarNow();
        const { kind } = readStatement(grammar, withParameters(grammar, input.sql, parameters).sql);
        const byServer = kind === 'select' && isCopied(input, parameters !== undefined);
        const savedTo = await seat.desk.save(`query.${input.format}`, byServer ? copied() : pieces());
        entry.end(savedTo === null ? 'stopped' : 'done', rows, tables);
        return { queryId: entry.id, savedTo, rows, bytes };
      } catch (error) {
        entry.failed(error);
        throw error;
      }
    },
    async 'query.saveChart'({ format, content }, { seat }) {
      insistPicture(format, content);
      const savedTo =
        format === 'png'
          ? await seat.desk.save('chart.png', inPieces(content), 'base64')
          : await seat.desk.save('chart.svg', content);
      return { savedTo };
    },
    'query.history'({ projectId, text, only, before, limit }, { person }) {
      store.projects.get(projectId);
      return store.queries.list({
        projectId,
        personId: person.id,
        text,
        only,
        before: before ?? null,
        limit,
      });
    },
    'query.keep'({ id, name, isPinned, isShared }, { person }) {
      const known = store.queries.own(id, person.id);
      return store.queries.keep(id, person.id, {
        name: name === undefined ? known.name : name,
        isPinned: isPinned ?? known.isPinned,
        isShared: isShared ?? known.isShared,
      });
    },
    'query.forget'({ id }, { person }) {
      store.queries.forget(id, person.id);
      return {};
    },
    'query.statistics'({ projectId }, { person }) {
      store.projects.get(projectId);
      const from = new Date(host.clock.now() - statisticsDays * 24 * hourMs).toISOString();
      return store.queries.statistics(projectId, person.id, from);
    },
  };
  return { handlers, left: handles.closeOf, close: handles.closeAll };
}
