import type { Said } from '../../../../../preload/contract/said.ts';
import { say, several } from '../../../../../preload/messages/said.ts';
import { requireOwn } from '../../../../engines/postgres/ownership.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import type { Logger } from '../../../../log.ts';
import { analyzeTables, type ToAnalyze } from '../analyze.ts';
import { allDifferences } from '../compare/all.ts';
import type { Difference } from '../compare/difference.ts';
import type { MatchesOf } from '../compare/mapping.ts';
import type { NoteOf } from '../finish/comment-of.ts';
import type { Finished } from '../finish/finished.ts';
import { makeNewTables } from '../finish/new-tables.ts';
import type { TablePlan } from '../finish/plan.ts';
import type { Spare } from '../spare.ts';
import { inTransaction } from '../transaction.ts';
import { readBehind, touchAhead } from './changed-rows.ts';
import { prepareColumns } from './columns.ts';
import { updateComments, type WrittenComments } from './comments.ts';
import { type FinalInput, publishDifference, publishFirst, StaleDifference } from './final.ts';
import { grantAhead } from './grants.ts';
import { held } from './hold.ts';
import { dropLeftovers } from './leftovers.ts';
import { type LiveTable, readLive } from './live.ts';
import { insistRoom } from './locks.ts';
import { lockTimeout, olderTransactionsEnd, type Patience, patiently } from './patience.ts';
import { requireTrusted } from './trust.ts';
import { refreshViews } from './views.ts';
import { createWorkShelf, meetsObstacles, obstaclesOfEach, type TableWork } from './work.ts';

/** What is to be published, and where. */
export interface Place {
  readonly schema: string;
  readonly dataset: string;
  readonly finished: Finished;
}

/** What is known when it is tidied up behind a publish. */
export interface TidyInput extends Place {
  /** What Headgate wrote as comments so far. */
  readonly written: WrittenComments;
  /** What people say of the tables. */
  readonly noteOf: NoteOf;
  /** Whether materialised views that people built on the tables are refreshed after the commit. */
  readonly refreshViews: boolean;
}

export type PublishInput = FinalInput & TidyInput;

export interface PublishDeps {
  readonly log: Logger;
  readonly patience: Patience;
  readonly spare: Spare;
  /** What was compared while reading; nothing where it is left out. */
  readonly matchesOf?: MatchesOf;
  /** Called before the lease goes with the staging schema, at a first publish; until then it has to be kept alive. */
  readonly onFirst: () => void;
}

export interface Published {
  /** Whether the staging schema became the published one. */
  readonly first: boolean;
  /** What a person should know; null when nothing. */
  readonly notice: Said | null;
  /** Tables whose comments could not all be written; null when it did not come to that. */
  readonly uncommented: readonly string[] | null;
}

/** What came of tidying up. */
interface Tidied {
  readonly notices: readonly Said[];
  readonly uncommented: readonly string[] | null;
}

/** A table is analysed after a refresh that changed this share of its rows, else its new columns; autovacuum sees to the rest. */
const analysedShare = 0.1;

/** How long a new table waits for transactions that began before it was filled; nobody can have asked for it yet. */
const olderMs = 5000;

interface Standing {
  readonly exists: boolean;
  readonly works: readonly TableWork[];
  /** Planned tables that nothing is published under. */
  readonly fresh: readonly TablePlan[];
  readonly gone: readonly LiveTable[];
}

/** What is published now, held against what is to be. Fails with PUBLISH_HELD where a table is not as Headgate made it. */
async function standing(client: PgClient, input: Place): Promise<Standing> {
  const { schema, finished } = input;
  return inTransaction(client, async () => {
    const { exists, mark } = await requireOwn(client, schema, input.dataset, 'live');
    if (!exists) return { exists, works: [], fresh: finished.plans, gone: [] };
    const ours = new Set(mark?.tables ?? []);
    const planned = new Set(finished.plans.map(({ name }) => name));
    const live = await readLive(client, schema, [...new Set([...ours, ...planned])]);
    const workOf = createWorkShelf(schema, finished.names);
    const works: TableWork[] = [];
    const fresh: TablePlan[] = [];
    for (const plan of finished.plans) {
      const table = live.get(plan.name);
      if (!table) fresh.push(plan);
      else if (ours.has(plan.name)) works.push(workOf(plan, table));
      else {
        throw held(say('sync.schemaTableNotHeadgates', { schema, plan: plan.name }), [
          'rename or drop that table, then start the sync again',
        ]);
      }
    }
    const gone = [...live.values()].filter(({ name }) => ours.has(name) && !planned.has(name));
    return { exists, works, fresh, gone };
  });
}

/**
 * Looks, before anything of the published tables is touched, for what would keep a refresh from being published: columns
 * that can't get their new type because something uses them, code of others that would run with the rights of the sync
 * role, tables that are not Headgate's any more. Fails with PUBLISH_HELD, naming all of it. Changes nothing.
 */
export async function requirePublishable(client: PgClient, input: Place): Promise<void> {
  await obstacles(client, input, await standing(client, input));
}

async function obstacles(client: PgClient, input: Place, { works, gone }: Standing): Promise<Said[]> {
  const blocked: Said[] = [];
  const statements: string[] = [];
  const kept: Said[] = [];
  const touched = works.filter(meetsObstacles);
  const met = await inTransaction(client, () => obstaclesOfEach(client, input.schema, touched));
  for (const [at, found] of met.entries()) {
    blocked.push(...found.blocked);
    statements.push(...found.statements);
    for (const [name, users] of found.keep) {
      kept.push(
        say('sync.columnStays', {
          ...{ column: name, table: touched[at]?.live.name ?? '' },
          users: users.map(({ what }) => what),
        }),
      );
    }
  }
  if (blocked.length > 0) throw held(several(blocked), statements);
  const oids = [...works.map(({ live }) => live.oid), ...gone.map(({ oid }) => oid)];
  await inTransaction(client, () => requireTrusted(client, oids));
  return kept;
}

/**
 * Publishes what is finished: the first time under a new name, later by writing only the rows that differ, in one
 * transaction. The tables keep their identity, so that whatever people put on them stays; readers see all of the old data
 * or all of the new and wait for nothing but a short change of columns. Fails with PUBLISH_HELD (what is in the way, by
 * name), PUBLISH_BLOCKED, LEASE_LOST or SCHEMA_NOT_OURS; the old data stays then. Returns what a person should know.
 */
export async function publish(client: PgClient, input: PublishInput, deps: PublishDeps): Promise<Published> {
  const { schema, finished } = input;
  const bound = await lockTimeout(client);
  const notices: (Said | null)[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const state = await standing(client, input);
    await makeNewTables(client, schema, state.fresh, {
      spare: deps.spare,
      signal: deps.patience.signal,
      readerRoles: input.readerRoles,
      noteOf: input.noteOf,
      onFailure: (table, error) => deps.log.warn('sync.analyze_failed', { table, error }),
    });
    // Rows of a new table were committed page by page: whoever began before would see only some of them.
    if (state.fresh.length > 0) await olderTransactionsEnd(client, deps.patience, olderMs);
    if (!state.exists) {
      deps.onFirst();
      const notice = await patiently(client, schema, bound, deps.patience, () =>
        publishFirst(client, input, finished.plans),
      );
      return { first: true, notice, uncommented: [] };
    }
    const kept = await obstacles(client, input, state);
    const columns = { schema, bound, patience: deps.patience };
    await prepareColumns(client, state.works, columns);
    // What was compared early is taken once: where it misled, everything is compared anew.
    const matchesOf = attempt === 1 ? deps.matchesOf : undefined;
    // Whoever writes to rows of ours moves them: once is bad luck, what goes on must keep no refresh from being published.
    const finding = attempt === 1 ? 'place' : 'key';
    const differences = await allDifferences(client, schema, state.works, {
      ...{ spare: deps.spare, signal: deps.patience.signal },
      ...(matchesOf ? { matchesOf } : {}),
    });
    deps.log.info('sync.compared', {
      tables: state.works.length,
      differ: differences.length,
      early: differences.filter(({ early }) => early).length,
    });
    const names = state.works.map(({ live }) => live.name);
    await grantAhead(client, schema, names, input.readerRoles, (work) =>
      patiently(client, schema, bound, deps.patience, work),
    );
    await insistRoom(client, schema, { differences, gone: state.gone, moved: state.fresh.length });
    await touchAhead(client, schema, differences, finding, {
      ...{ bound, signal: deps.patience.signal, log: deps.log },
    });
    try {
      const { clock } = deps.patience;
      let began = 0;
      const notice = await patiently(client, schema, bound, deps.patience, () => {
        began = clock.now();
        return publishDifference(client, {
          ...input,
          differences,
          finding,
          retyping: state.works.filter(({ retype }) => retype.length > 0),
          fresh: state.fresh,
          gone: state.gone,
          tables: [...finished.plans.map(({ name }) => name), ...state.gone.map(({ name }) => name)],
        });
      });
      deps.log.info('sync.applied', { ms: clock.now() - began });
      notices.push(notice, ...kept);
      const tidied = await tidy(deps, () => tidyUp(client, input, deps, state, differences, bound));
      notices.push(...tidied.notices);
      return { first: false, notice: allOf(notices), uncommented: tidied.uncommented };
    } catch (error) {
      // Somebody wrote to the table after it was compared: compare again; if it stays, it is something on the table.
      if (!(error instanceof StaleDifference)) throw error;
      if (attempt === 2) throw error.toHeld();
    }
  }
}

/**
 * Does what follows a publish once more, where an attempt was cut off behind the publish itself. Returns what a person
 * should know.
 */
export async function tidyPublished(
  client: PgClient,
  input: TidyInput,
  deps: PublishDeps,
): Promise<Published> {
  const { notices, uncommented } = await tidy(deps, async () => {
    const bound = await lockTimeout(client);
    return tidyUp(client, input, deps, await standing(client, input), [], bound);
  });
  return { first: false, notice: allOf(notices), uncommented };
}

/** What the planner does not know of a table after its difference was applied: nothing, columns, or the table. */
function toAnalyze({ work, deleted, updated, inserted }: Difference): ToAnalyze[] {
  const table = { name: work.live.name, rows: work.plan.rows };
  if (deleted + updated + inserted > table.rows * analysedShare) return [table];
  const only = new Set([...work.add, ...work.retype.map(({ column }) => column)].map(({ to }) => to));
  return only.size === 0 ? [] : [{ ...table, only }];
}

/** Several notices as one; null where there is none. */
function allOf(notices: readonly (Said | null)[]): Said | null {
  const told = notices.filter((each) => each !== null);
  return told.length === 0 ? null : several(told);
}

/** What follows a publish and holds nobody up. The refresh is published already: what fails here is only logged. */
async function tidy(deps: PublishDeps, work: () => Promise<Tidied>): Promise<Tidied> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as { code?: string };
    // A session that is lost can't drop what is staged either: the next attempt does.
    if (deps.patience.signal.aborted || code === undefined || /^(?:57P|08)/.test(code)) throw error;
    deps.log.warn('sync.not_tidied', { error });
    return { notices: [], uncommented: null };
  }
}

/** What went is dropped; comments, statistics and, where it is wished, materialised views are brought up to date. */
async function tidyUp(
  client: PgClient,
  input: TidyInput,
  deps: PublishDeps,
  state: Standing,
  differences: readonly Difference[],
  bound: string,
): Promise<Tidied> {
  const { schema, finished } = input;
  const notices: Said[] = [];
  const leftover = { schema, bound, patience: deps.patience, log: deps.log, names: finished.names };
  await readBehind(client, schema, differences, { bound, signal: deps.patience.signal, log: deps.log });
  const { kept } = await dropLeftovers(client, state.works, state.gone, leftover);
  if (kept.length > 0) notices.push(say('sync.tablesStay', { tables: kept }));
  const uncommented = await updateComments(client, state.works, input, leftover);
  await analyzeTables([client], schema, differences.flatMap(toAnalyze), (table, error) =>
    deps.log.warn('sync.analyze_failed', { table, error }),
  );
  if (input.refreshViews) {
    const problem = await refreshViews(
      client,
      schema,
      finished.plans.map(({ name }) => name),
      deps.log,
    );
    if (problem !== null) notices.push(problem);
  }
  return { notices, uncommented };
}
