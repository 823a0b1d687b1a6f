import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../../main/clock.ts';
import type { Logger } from '../../main/log.ts';
import type { JobMode } from '../../main/store/data/jobs.ts';
import { type Outcome, runInThread } from '../../main/sync/job/thread.ts';
import { createThreads } from '../../main/sync/job/threads.ts';
import type { RunResult } from '../../main/sync/run-spec.ts';
import { noNames } from '../../main/sync/shape/names.ts';
import type { JobPhase } from '../../preload/contract/models.ts';
import type { PostgresAccess } from './global-setup.ts';
import { type HeapSample, heapEvent } from './measured-worker.ts';
import { specOf } from './sync-run.ts';

/** A form of a large project: so many questions, and a repeat with so many more. */
export interface LargeForm {
  readonly number: number;
  readonly questions: number;
  readonly inRepeat: number;
  /** Another number is another answer to all of its questions. */
  readonly edition: number;
  /** So many of its numeric questions are answered in words. */
  readonly words: number;
}

/**
 * The forms of a large project. From stage to stage a few answers change, some forms come and some go, some get questions
 * more, and some questions are answered in words: 20 tables, 200 columns and 100 columns in the largest.
 */
export function largeForms(count: number, stage: number, questions = 100, inRepeat = 34): LargeForm[] {
  const few = Math.max(1, Math.floor(count / 150));
  const steps = stage - 1;
  return Array.from({ length: count }, (_, at) => at + few * steps).map((number) => ({
    number,
    questions: questions + (number % 75 === 40 ? 10 * steps : 0),
    inRepeat,
    edition: number % 10 === 0 ? stage : 1,
    words: number % 75 === 60 ? 5 * steps : 0,
  }));
}

/** Every so many questions one is answered with a number. */
const numeric = 3;
const groups = 6;
const xmlnsOf = (form: number): string => `http://openrosa.org/formdesigner/form-${form}`;
const groupOf = (at: number): string => `group_${at % groups}`;
const questionOf = (form: number, at: number): string => `question_number_${at}_of_form_${form}`;

function answersOf({ number, questions, inRepeat, edition, words }: LargeForm): object {
  const answer = (at: number): string =>
    at % numeric === 0 && at >= words * numeric ? String(edition) : `word ${edition}`;
  const body: Record<string, Record<string, string>> = {};
  for (let at = 0; at < questions; at += 1) {
    const group = groupOf(at);
    body[group] ??= {};
    body[group][questionOf(number, at)] = answer(at);
  }
  const visit = Object.fromEntries(
    Array.from({ length: inRepeat }, (_, at) => [
      `asked_${at}_in_visits_of_${number}`,
      answer(at + questions),
    ]),
  );
  return { ...body, visits: inRepeat > 0 ? [visit, visit] : '' };
}

/** What CommCare HQ would tell of the forms: one record of each. */
function recordOf(form: LargeForm): object {
  const indexed = new Date(Date.UTC(2026, 0, 1) + form.number * 1000).toISOString();
  return {
    id: `form-record-${form.number}`,
    indexed_on: indexed,
    received_on: indexed,
    form: { '@xmlns': xmlnsOf(form.number), '@name': `Form ${form.number}`, ...answersOf(form) },
  };
}

/** The application with all the forms, their questions labelled. */
const applicationOf = (forms: readonly LargeForm[]): object => ({
  id: 'app',
  name: 'App',
  modules: [
    {
      forms: forms.map(({ number, questions, inRepeat }) => ({
        xmlns: xmlnsOf(number),
        name: { en: `Form ${number}` },
        questions: [
          ...Array.from({ length: questions }, (_, at) => `${groupOf(at)}/${questionOf(number, at)}`),
          ...Array.from({ length: inRepeat }, (_, at) => `visits/asked_${at}_in_visits_of_${number}`),
        ].map((path) => ({
          value: `/data/${path}`,
          translations: { en: `What is ${path.replaceAll('_', ' ')}?` },
        })),
      })),
    },
  ],
});

/** A source that answers as CommCare HQ does, with the forms that `forms` tells at the moment. */
export async function largeSource(forms: () => readonly LargeForm[], page = 1000) {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    const answer = (body: object): void => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    };
    if (url.pathname.includes('/application/'))
      return answer({ meta: { total_count: 1 }, objects: [applicationOf(forms())] });
    const since = Date.parse(`${url.searchParams.get('indexed_on_start') ?? '2000-01-01T00:00:00.000'}Z`);
    const rest = forms().filter(({ number }) => Date.UTC(2026, 0, 1) + number * 1000 >= since);
    const limit = Math.min(page, Number(url.searchParams.get('limit')));
    answer({
      meta: { total_count: rest.length, next: rest.length > limit ? 'more' : null },
      objects: rest.slice(0, limit).map(recordOf),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** What one phase of a sync took. */
export interface PhaseFigures {
  readonly phase: JobPhase;
  readonly ms: number;
  /** The most that was used right after a full collection, and at any moment. */
  readonly liveMb: number;
  readonly usedMb: number;
}

export interface LargeRun {
  readonly outcome: Outcome;
  readonly phases: readonly PhaseFigures[];
  readonly columns: number;
}

/** Syncs a large project as Headgate does it: in a worker thread with its bound of memory. `worker`: the bundle of `measured-worker.ts`. */
export function largeProject(
  place: { readonly postgres: PostgresAccess; readonly database: string; readonly schema: string },
  source: { readonly url: string },
  worker: string,
  onPhase: (phase: JobPhase) => void = () => {},
) {
  const datasetId = crypto.randomUUID();
  const threads = createThreads({ worker: pathToFileURL(worker), clock: systemClock });
  let published: RunResult | null = null;
  return {
    datasetId,
    published: () => published,
    async sync(change: { readonly mode?: JobMode; readonly guarded?: boolean } = {}): Promise<LargeRun> {
      const phases: { phase: JobPhase; since: number; ms: number; liveMb: number; usedMb: number }[] = [];
      const enter = (phase: JobPhase): void => {
        const now = performance.now();
        const last = phases.at(-1);
        if (last?.phase === phase) return;
        if (last) last.ms = now - last.since;
        phases.push({ phase, since: now, ms: 0, liveMb: 0, usedMb: 0 });
        onPhase(phase);
      };
      const hear = (event: string, fields: unknown): void => {
        const last = phases.at(-1);
        if (event !== heapEvent || !last) return;
        const { liveMb, usedMb } = fields as HeapSample;
        last.liveMb = Math.max(last.liveMb, liveMb);
        last.usedMb = Math.max(last.usedMb, usedMb);
      };
      const log: Logger = { debug: hear, info: hear, warn: hear, error: hear, with: () => log };
      const spec = specOf(place, source, {
        datasetId,
        workspaceId: datasetId,
        source: { type: 'commcare', baseUrl: source.url, settings: { domain: 'large' }, signIn: 'oauth' },
        names: published?.names ?? noNames,
        mode: change.mode ?? 'continue',
        guards: { on: change.guarded ?? false, shrinkPercent: 30 },
        published: { rowCounts: published?.rowCounts ?? {}, tables: published?.tables ?? [] },
      });
      enter('starting');
      const outcome = await runInThread(
        {
          threads,
          log,
          gate: { enter: async () => 0, refused: () => {}, closed: () => {} },
          renewToken: async () => 'token',
          tokenRefused: async () => {},
          intend: async () => {},
          onProgress: ({ phase }) => enter(phase),
        },
        spec,
        'token',
        new AbortController().signal,
      );
      enter('done');
      if (outcome.kind === 'published') published = outcome.result;
      const columns = Array.from(published?.tables ?? [], (table) => table.columns.length).reduce(
        (a, b) => a + b,
        0,
      );
      return { outcome, phases: phases.slice(0, -1), columns };
    },
  };
}
