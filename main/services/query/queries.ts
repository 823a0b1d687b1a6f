import type { QueryAnswer, QuerySource, QueryWay } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import type { Seat } from '../../access/seats.ts';
import type { OpenAnswer } from '../../engines/engine.ts';
import { withoutLiterals } from '../../engines/without-literals.ts';
import { AppError } from '../../errors.ts';
import type { Memory } from '../../memory.ts';
import type { Grammar } from '../../query/check/grammar.ts';
import { withoutValues } from '../../query/check/parameters.ts';
import { type Prepared, prepared } from '../../query/check/prepared.ts';
import { insistPicture, picturePieces } from '../../query/export/pictures.ts';
import { planOf } from '../../query/run/plan.ts';
import { openQuery } from '../../query/run/query.ts';
import type { Caller, Handlers, Services } from '../context.ts';
import { exportTo } from './export.ts';
import { createHandles } from './handles.ts';
import { askOver } from './over-connection.ts';
import { type Asked, type Entry, namesOf, type QueryParts } from './parts.ts';
import { type AskedIn, askedIn } from './place.ts';
import { readableOf, sourcesOf } from './readable.ts';
import { queryScopeService } from './scope.ts';

/** A query whose next page nobody asks for so long is closed. */
const idleMs = 5 * 60_000;
const hourMs = 3_600_000;
const statisticsDays = 30;

const wayOf = ({ kind }: Seat): QueryWay => kind;

/** What a first page is read from. */
interface Opened {
  readonly connectionId: string;
  readonly query: OpenAnswer;
  readonly tables: readonly string[];
  readonly sources: readonly QuerySource[];
}

export interface QueryRoom {
  readonly handlers: Handlers<'query'>;
  /** The person's session at a seat ended: what they have open there ends. */
  left(seat: Seat, personId: string): void;
  close(): Promise<void>;
}

/** Asking in SQL: checked, run in a transaction that can't write, and written down. `grammar` is loaded at the first query. */
export function createQueryRoom(
  services: Services,
  deps: {
    readonly grammar: () => Promise<Grammar>;
    readonly elapsed: () => number;
    readonly memory: Memory;
  },
): QueryRoom {
  const { store, host, now } = services;
  const handles = createHandles({ idleMs, memory: deps.memory });
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
      say('query.tooMany', { limit: queriesAnHour, until: { instant: until } }),
      { until, query: { trouble: 'too_many' } },
    );
  };

  /** Begins an entry of the history; `end` is called once. */
  const begin: QueryParts['begin'] = async (where, asked, { person, seat }) => {
    // Of an agent every call is counted, by its grant.
    if (seat.kind !== 'agent') insistRate(person.id);
    const id = services.newId();
    const hasLiterals = services.access.policy().queryLiterals === 'keep';
    const sql = hasLiterals
      ? asked.sql
      : where.projectId === null
        ? withoutLiterals(asked.sql)
        : withoutValues(await grammarNow(), asked.sql, asked.parameters);
    store.queries.begin({
      ...{ id, ...where, sql, at: now(), hasLiterals },
      ...{ personId: person.id, personName: person.name, way: wayOf(seat) },
    });
    const started = deps.elapsed();
    const ms = (): number => Math.round((deps.elapsed() - started) * 10) / 10;
    let over = false;
    return {
      id,
      ms,
      end(outcome, rows, tables) {
        if (over) return;
        over = true;
        store.queries.end(id, { outcome, ms: ms(), rows, code: null, tables });
      },
      failed(error) {
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
  const placeFor: QueryParts['placeFor'] = async (
    { connectionId, schemas, functions, readerRole },
    timeoutSeconds,
    { person, seat },
  ) => {
    const { size, statementTimeoutSeconds } = store.connections.get(connectionId).pool;
    await handles.makeRoom(seat, connectionId, size);
    const timeoutMs = Math.min(timeoutSeconds ?? statementTimeoutSeconds, statementTimeoutSeconds) * 1000;
    return {
      deps: {
        reader: services.leases.landedFor(person, connectionId, 'query'),
        grammar: await grammarNow(),
      },
      // Here it is closed first; the server only ends what nobody is left to close.
      place: { schemas, functions, readerRole, timeoutMs, idleMs: idleMs + 60_000 },
    };
  };
  /** Fails with INPUT_INVALID and NOT_FOUND. */
  const insistThere = (place: Parameters<typeof askedIn>[0]): AskedIn => {
    const where = askedIn(place);
    if (where.projectId === null) store.connections.get(where.connectionId);
    else store.projects.get(where.projectId);
    return where;
  };
  const prepare = async (asked: Asked): Promise<Prepared> =>
    prepared(await grammarNow(), asked.sql, asked.parameters);
  const openAs: QueryParts['openAs'] = async (readable, input, caller) => {
    const { statement, limit, whole, timeoutSeconds } = input;
    const { deps: reading, place } = await placeFor(readable, timeoutSeconds, caller);
    return openQuery(reading, { ...place, statement, limit, whole }, caller.signal);
  };

  const openOver: QueryParts['openOver'] = (connectionId, asked, caller) =>
    askOver(services, handles, connectionId, asked, caller, idleMs);

  /** The first page of what was opened; what is behind it is held for whoever asked. */
  const firstPage = async (
    { pageRows }: { readonly pageRows: number },
    { person, seat, signal }: Caller,
    entry: Entry,
    { connectionId, query, tables, sources }: Opened,
  ): Promise<QueryAnswer> => {
    const page = await query.next(pageRows, signal);
    const answer: QueryAnswer = {
      ...page,
      queryId: entry.id,
      handle: page.end === 'open' ? services.newId() : null,
      columns: [...query.columns],
      role: query.role,
      warnings: [...query.warnings],
      sources: [...sources],
      ms: entry.ms(),
    };
    if (answer.handle === null) {
      entry.end('done', page.soFar, tables);
      await query.close();
    } else {
      handles.add(
        {
          ...{ id: answer.handle, seat, personId: person.id, connectionId, query },
          onOver: (rows, isDone) => entry.end(isDone ? 'done' : 'stopped', rows, tables),
        },
        page.soFar,
      );
    }
    return answer;
  };

  const handlers: Handlers<'query'> = {
    ...queryScopeService(services),
    async 'query.open'(input, caller) {
      const where = askedIn(input);
      const readable = where.projectId === null ? null : readableOf(services, where.projectId, caller.person);
      const entry = await begin(where, input, caller);
      try {
        if (readable === null) {
          const query = await openOver(where.connectionId as string, input, caller);
          return await firstPage(input, caller, entry, {
            ...{ connectionId: where.connectionId as string, query, tables: [], sources: [] },
          });
        }
        const query = await openAs(
          readable,
          { ...input, statement: await prepare(input), whole: false },
          caller,
        );
        const tables = namesOf(query);
        caller.tell(`tables=${tables.slice(0, 20).join(',')}`);
        return await firstPage(input, caller, entry, {
          ...{ connectionId: readable.connectionId, query, tables },
          sources: sourcesOf(readable, query.tables),
        });
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
      const entry = await begin(askedIn(input), { ...input, sql }, caller);
      try {
        const query = await openAs(
          readable,
          { ...input, statement: await prepare({ ...input, sql }), limit: 1, whole: true },
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
    'query.export': exportTo(services, { begin, placeFor, openAs, openOver, prepare }),
    async 'query.saveChart'({ format, content }, { seat }) {
      insistPicture(format, content);
      const picture = format === 'png' ? picturePieces(content) : content;
      return { savedTo: await seat.desk.save(`chart.${format}`, picture) };
    },
    'query.history'({ text, only, before, limit, ...place }, { person }) {
      const where = insistThere(place);
      return store.queries.list({
        ...where,
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
    'query.statistics'(place, { person }) {
      const where = insistThere(place);
      const from = new Date(host.clock.now() - statisticsDays * 24 * hourMs).toISOString();
      return store.queries.statistics({ ...where, personId: person.id }, from);
    },
  };
  return { handlers, left: handles.closeOf, close: handles.closeAll };
}
