import type {
  Dataset,
  Job,
  RunDetail,
  RunEntry,
  RunFacts,
  RunLog,
} from '../../../preload/contract/models.ts';
import type { FakeHandlers, FakeTools } from './fake-tools.ts';

/** How runs went, made up from what their jobs say of themselves. */
export function fakeRuns({ scenario, changed, find, stamp, refuse, wait }: FakeTools): FakeHandlers {
  const at = (from: string, ms: number): string => new Date(Date.parse(from) + ms).toISOString();
  const datasetOf = (job: Job): Dataset | undefined =>
    scenario.datasets.find(({ id }) => id === job.datasetId);
  /** The scenario of an old workspace, in which nothing was written down. */
  const knows = (job: Job): boolean => job.startedAt !== null;

  const factsOf = (job: Job): RunFacts => {
    const began = job.startedAt ?? job.queuedAt;
    const whole = Math.max(1, Date.parse(job.finishedAt ?? stamp()) - Date.parse(began));
    const shares: [RunFacts['phases'][number]['phase'], number][] = [
      ['starting', 0.05],
      ['reading', 0.7],
      ['finishing', 0.15],
      ['publishing', 0.1],
    ];
    const until = job.finishedAt !== null && job.status !== 'failed' ? (job.status === 'held' ? 3 : 4) : 2;
    let from = 0;
    const phases = shares.slice(0, until).map(([phase, share]) => {
      const ms = Math.round(whole * (until === 2 && phase === 'reading' ? 0.95 : share));
      const begun = at(began, from);
      from += ms;
      return { phase, startedAt: begun, ms, waitedMs: phase === 'reading' && whole > 200_000 ? 4000 : 0 };
    });
    return {
      phases,
      reads: job.tables.map(({ dataset, fetched }) => ({
        ...{ dataset, startedAt: at(began, 100), ms: Math.round(whole * 0.3) },
        pages: Math.ceil(fetched / 1000),
      })),
      ...{ requests: 31, retries: job.status === 'failed' ? 6 : 1 },
      ...(whole > 200_000 ? { waits: 1, waitedMs: 4000 } : { waits: 0, waitedMs: 0 }),
    };
  };

  const tablesOf = (job: Job): RunDetail['tables'] => {
    const dataset = datasetOf(job);
    const counts = dataset?.rowCounts ?? {};
    if (job.status === 'held') {
      const reasons = dataset?.held?.reasons ?? [];
      return Object.entries(counts).map(([name, before]) => {
        const reason = reasons.find(({ table, code }) => table === name && code !== 'count_mismatch');
        return { name, before, after: reason?.after ?? before };
      });
    }
    return Object.entries(job.rowCounts).map(([name, after], n) => ({
      ...{ name, after },
      before: job.recordsBefore === null ? null : Math.max(0, after - ((n * 7 + 36) % 90)),
    }));
  };

  const logOf = (job: Job): RunEntry[] => {
    const began = job.startedAt ?? job.queuedAt;
    const said = (ms: number, level: RunEntry['level'], sentence: RunEntry['said']): RunEntry => ({
      ...{ at: at(began, ms), level, said: sentence },
    });
    const entries = [
      said(-120, 'info', { id: job.trigger === 'person' ? 'runs.asked.person' : 'runs.asked.schedule' }),
      said(0, 'info', { id: 'runs.phase.starting' }),
      said(300, 'info', { id: 'runs.phase.reading' }),
    ];
    for (const { dataset, fetched, status } of job.tables) {
      entries.push(said(400, 'info', { id: 'runs.reads', params: { dataset } }));
      if (status === 'done')
        entries.push(said(900, 'info', { id: 'runs.haveRead', params: { dataset, count: fetched } }));
    }
    const why = { id: 'source.answersErrorOwn', params: { site: 'www.commcarehq.org', status: '500' } };
    entries.push(said(1200, 'warn', { id: 'runs.again', params: { why } }));
    if (job.error)
      entries.push(
        said(4000, 'error', {
          id: 'runs.failed',
          params: { why: job.error.said ?? { id: 'plain', params: { text: job.error.message } } },
        }),
      );
    if (job.status === 'held') entries.push(said(9000, 'warn', { id: 'runs.held', params: { count: 4 } }));
    if (job.status === 'completed')
      entries.push(
        said(5000, 'info', { id: 'runs.phase.publishing' }),
        said(5400, 'info', {
          id: 'runs.published',
          params: { tables: Object.keys(job.rowCounts).length, records: job.records ?? 0 },
        }),
      );
    return entries;
  };

  const decide = (id: string, how: 'accepted' | 'discarded'): Dataset => {
    const dataset = find(scenario.datasets, id);
    const job = scenario.jobs.find((each) => each.id === dataset.held?.jobId);
    if (job) job.decided = { how, by: scenario.info.person.name, at: stamp() };
    dataset.held = null;
    return dataset;
  };

  return {
    'syncs.list': (input) => {
      const {
        datasetId,
        datasetIds,
        since,
        until,
        before,
        limit = 50,
      } = input as unknown as {
        datasetId?: string;
        datasetIds?: string[];
        since?: string;
        until?: string;
        before?: string;
        limit?: number;
      };
      const after = before === undefined ? 0 : scenario.jobs.findIndex(({ id }) => id === before) + 1;
      return scenario.jobs
        .slice(after)
        .filter(
          (job) =>
            (datasetId === undefined || job.datasetId === datasetId) &&
            (datasetIds?.includes(job.datasetId) ?? true) &&
            (since === undefined || job.queuedAt >= since) &&
            (until === undefined || job.queuedAt < until),
        )
        .slice(0, limit);
    },
    'syncs.get': (input): RunDetail => {
      const job = find(scenario.jobs, input['id'] ?? '');
      return { job, facts: knows(job) ? factsOf(job) : null, tables: tablesOf(job) };
    },
    'syncs.log': (input): RunLog => {
      const job = find(scenario.jobs, input['id'] ?? '');
      const all = logOf(job).map((entry, n) => ({ ...entry, seq: n + 1 }));
      const after = Number(input['after'] ?? 0);
      return {
        entries: all.filter(({ seq }) => seq > after),
        ...{ more: false, dropped: 0, open: job.finishedAt === null },
      };
    },
    'datasets.recount': async (input, callId) => {
      const dataset = find(scenario.datasets, input['id'] ?? '');
      if (!dataset.held) throw refuse('NOT_FOUND', 'No refresh of this dataset waits for review.');
      await wait(60, callId);
      const held = dataset.held.reasons;
      return {
        at: stamp(),
        counts: ['forms', 'cases'].map((name) => ({
          ...{ dataset: name, table: name, rough: false, error: null },
          published: dataset.rowCounts[name] ?? null,
          held: held.find(({ table, code }) => table === name && code !== 'count_mismatch')?.after ?? null,
          counted: dataset.rowCounts[name] ?? null,
        })),
      };
    },
    'datasets.discard': (input) => {
      const dataset = decide(input['id'] ?? '', 'discarded');
      changed('datasets', 'syncs');
      return dataset;
    },
    'datasets.accept': (input) => {
      const dataset = decide(input['id'] ?? '', 'accepted');
      const job: Job = {
        ...(scenario.jobs.find(({ datasetId }) => datasetId === dataset.id) as Job),
        ...{ id: crypto.randomUUID(), status: 'completed', trigger: 'person', decided: null },
        ...{ queuedAt: stamp(), startedAt: stamp(), finishedAt: stamp(), rowCounts: dataset.rowCounts },
      };
      scenario.jobs.unshift(job);
      changed('datasets', 'syncs');
      return job;
    },
  };
}
