import { randomBytes } from 'node:crypto';
import { systemClock } from '../../main/clock.ts';
import type { DatasetSpec } from '../../main/connectors/connector.ts';
import { documentOf } from '../../main/connectors/document.ts';
import type { JsonObject } from '../../main/connectors/json.ts';
import { localTarget } from '../../main/engines/engine.ts';
import { createTunnels } from '../../main/engines/ssh/tunnels.ts';
import { createLogger } from '../../main/log.ts';
import { createRedactor } from '../../main/redact.ts';
import { type Destination, openDestination } from '../../main/sync/destination/postgres/destination.ts';
import type { ReadDatasetState } from '../../main/sync/destination/postgres/finish/finish.ts';
import type { Finished } from '../../main/sync/destination/postgres/finish/finished.ts';
import { holderOf } from '../../main/sync/destination/postgres/lease.ts';
import type { DatasetState } from '../../main/sync/destination/postgres/state.ts';
import { type Names, noNames } from '../../main/sync/shape/names.ts';
import type { Tables } from '../../main/sync/shape/packed.ts';
import { createShape } from '../../main/sync/shape/shape.ts';
import { english } from '../../preload/messages/said.ts';
import type { PostgresAccess } from './global-setup.ts';

/** What a large project has: forms with a repeat each, a record of every form. */
export interface Project {
  /** Numbers of its forms. */
  readonly forms: readonly number[];
  /** Questions of each, outside and inside the repeat. */
  readonly questions: number;
  readonly inRepeat: number;
  /** What the answers of a form are; another number is another answer. */
  readonly edition: (form: number) => number;
  /** Whether numbers are answered in words. */
  readonly words?: boolean;
  /** Characters of one more answer of each form, which hardly compress. */
  readonly long?: number;
  /** Records of a page; a hundred unless given. */
  readonly page?: number;
}

const spec: DatasetSpec = {
  name: 'forms',
  label: 'Forms',
  description: '',
  shape: {
    key: 'id',
    keyName: 'form_id',
    columns: [],
    indexes: [],
    pin: () => undefined,
    parts: (record) => {
      const form = record.get('form')?.text() ?? '';
      return [{ table: `form/${form}`, label: `form ${form}`, value: record }];
    },
  },
};

function recordOf(project: Project, form: number): JsonObject {
  const { questions, inRepeat, edition, words = false, long = 0 } = project;
  const answer = (at: number): string =>
    at % 3 === 0 && !words ? String(edition(form)) : `word ${edition(form)}`;
  const answers = (name: string, count: number): JsonObject =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`${name}_${at}_of_${form}`, answer(at)]));
  const visits = [answers('asked', inRepeat), answers('asked', inRepeat)];
  const story = long === 0 ? {} : { story: randomBytes(long / 2).toString('hex') };
  return { id: `r${form}`, form: String(form), ...story, ...answers('question', questions), visits };
}

/** Reads a project the way a sync reads a source, in pages of a hundred records. */
async function readInto(destination: Destination, project: Project): Promise<ReadDatasetState[]> {
  const shape = createShape(spec.shape, spec.name, null, destination.published);
  const writer = destination.writer({ spec, shape }, () => {});
  const state = (done = false): DatasetState => ({
    ...{ dataset: spec.name, cursor: null, seq: shape.seq, fetched: 0, total: null, done },
  });
  const { forms, page = 100 } = project;
  for (let at = 0; at < forms.length; at += page) {
    const records = forms.slice(at, at + page).map((form) => recordOf(project, form));
    for (const record of documentOf(records).items()) shape.add(record);
    for (const _ of writer.write(shape, spec.name));
    await writer.pageEnd({ state: state(), changes: shape.changes }, () => true);
  }
  for (const _ of writer.write(shape, spec.name));
  const read = state(true);
  await writer.finish({ state: read, changes: shape.changes });
  return [{ spec, shape, state: read }];
}

/** A dataset that is refreshed the way a sync does it, without a source: many tables, few rows. */
export function manyTables(
  postgres: PostgresAccess,
  database: string,
  schema: string,
  readerRoles: readonly string[] = [],
) {
  const dataset = crypto.randomUUID();
  const target = localTarget(postgres, database);
  let names: Names = noNames;
  let published: Tables = [];
  const log = createLogger({
    sink: { write: () => {} },
    redactor: createRedactor(),
    now: () => 0,
    level: 'error',
  });

  return {
    /**
     * One sync. `step` is told what comes next, and how long the last took; what it throws ends the sync. Returns the
     * job, and what the destination has to say.
     */
    async sync(
      project: Project,
      step: (next: 'finish' | 'review' | 'publish' | 'end', ms: number) => void = () => {},
    ): Promise<{ job: string; finished: Finished; notice: string | null }> {
      const job = crypto.randomUUID();
      const tunnels = createTunnels();
      const lease = { schema, holder: holderOf(job, job, 1) };
      let since = performance.now();
      const next = (what: Parameters<typeof step>[0]): void => {
        step(what, performance.now() - since);
        since = performance.now();
      };
      const place = { schema, dataset, workspace: dataset, job, readerRoles };
      const destination = await openDestination(
        {
          ...{ ...place, target, fingerprint: 'x', siblings: [], keepRaw: false },
          ...{ names, refreshViews: false, secondColumn: false, published },
        },
        lease,
        { clock: systemClock, random: () => 0, log, tunnels, signal: new AbortController().signal },
      );
      try {
        await destination.open('anew');
        const datasets = await readInto(destination, project);
        next('finish');
        const finished = await destination.finish({
          ...{ datasets: datasets.splice(0), descriptions: new Map(), notes: [], sourceLabel: 'test' },
        });
        next('review');
        await destination.requirePublishable(finished);
        const tables = await destination.describe(finished, 'test');
        next('publish');
        const dataAsOf = '2026-01-01T00:00:00.000Z';
        const { notice } = await destination.publish(finished, {
          ...{ ...place, source: 'test', dataAsOf, tables, before: published, drift: [] },
        });
        next('end');
        ({ names } = finished);
        published = tables;
        await destination.close();
        return { job, finished, notice: notice === null ? null : english(notice) };
      } catch (error) {
        throw await destination.close(error);
      } finally {
        tunnels.close();
      }
    },
    dataset,
    target: () => localTarget(postgres, database),
  };
}
