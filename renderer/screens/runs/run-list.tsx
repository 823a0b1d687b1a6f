import { type KeyboardEvent, memo, useRef, useState } from 'react';
import type { Dataset, Job } from '../../../preload/contract/models.ts';
import { Button } from '../../components/button.tsx';
import { Loaded } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { formatAbsolute, formatDuration } from '../../format.ts';
import { useGrowing, useLive, useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { useLanguage } from '../../language.tsx';
import { go, href } from '../../router.ts';
import { beganAt, causeWord, deltaText, lookOf, startText, stateWord, tookMs } from '../../watch/run-look.ts';
import { useRunPages } from './use-run-pages.ts';

const pageLimit = 50;
/** So many lines are drawn at once, below the lanes. */
const firstLines = 12;

interface RunListProps {
  readonly datasets: readonly Dataset[];
  /** Only the runs of this dataset. */
  readonly of: string | undefined;
  readonly shown: string | undefined;
}

/** What ran, newest first: a line for each run that is over. What goes on has its place above. */
export function RunList({ datasets, of, shown }: RunListProps) {
  const runs = useRunPages(of === undefined ? {} : { datasetId: of }, pageLimit);
  const live = useLive();
  const only = datasets.find(({ id }) => id === of);
  return (
    <section className="stack-tight" aria-label={t('sync.history')}>
      <h2>
        {only
          ? t('runs.historyOf', {
              name: t('dataset.name', { project: only.projectName, source: only.sourceName }),
            })
          : t('sync.history')}
      </h2>
      {of !== undefined && (
        <p>
          <a href={href('runs')}>{t('runs.ofAll')}</a>
        </p>
      )}
      <Loaded call={runs}>
        {(list) => (
          <>
            <Rows
              jobs={list.map(live).filter(({ finishedAt }) => finishedAt !== null)}
              datasets={datasets}
              shown={shown}
            />
            {runs.more && (
              <p>
                <Button small busy={runs.busy} onClick={runs.loadMore}>
                  {t('runs.older')}
                </Button>
              </p>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}

interface RowsProps {
  readonly jobs: readonly Job[];
  readonly datasets: readonly Dataset[];
  readonly shown: string | undefined;
}

function Rows({ jobs, datasets, shown }: RowsProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [current, setCurrent] = useState<string | null>(null);
  const stop = jobs.some(({ id }) => id === current) ? current : (jobs[0]?.id ?? null);
  const drawn = useGrowing(jobs.length, firstLines, 2 * firstLines);
  const held = new Set(datasets.flatMap((dataset) => dataset.held?.jobId ?? []));
  if (jobs.length === 0) return <p className="muted">{t('sync.noHistory')}</p>;
  // One tab stop: the keys lead from line to line.
  const walk = (event: KeyboardEvent) => {
    const at = jobs.findIndex(({ id }) => id === stop);
    const to = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: jobs.length - 1 }[
      event.key
    ];
    const next = to === undefined || event.ctrlKey || event.altKey || event.metaKey ? undefined : jobs[to];
    if (!next) return;
    event.preventDefault();
    setCurrent(next.id);
    body.current?.querySelector<HTMLElement>(`a[data-run="${CSS.escape(next.id)}"]`)?.focus();
  };
  return (
    <div className="table-wrap">
      <table className="table table-stack run-table">
        <thead>
          <tr>
            <th scope="col">{t('sync.state')}</th>
            <th scope="col">{t('sync.dataset')}</th>
            <th scope="col">{t('runs.began')}</th>
            <th scope="col" className="cell-number">
              {t('sync.duration')}
            </th>
            <th scope="col" className="cell-number">
              {t('runs.records')}
            </th>
            <th scope="col">{t('runs.causeTitle')}</th>
            <th scope="col">{t('sync.trigger')}</th>
          </tr>
        </thead>
        <tbody
          ref={body}
          onKeyDown={walk}
          onFocus={({ target }) => setCurrent((known) => target.getAttribute('data-run') ?? known)}
        >
          {jobs.slice(0, drawn).map((job) => (
            <RunRow
              key={job.id}
              job={job}
              waits={held.has(job.id)}
              isStop={job.id === stop}
              isShown={job.id === shown}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RunRowProps {
  readonly job: Job;
  readonly waits: boolean;
  readonly isStop: boolean;
  readonly isShown: boolean;
}

const RunRow = memo(function RunRow({ job, waits, isStop, isShown }: RunRowProps) {
  useLanguage();
  const now = useNow();
  const took = tookMs(job, now);
  const to = href('runs', job.id);
  return (
    <tr
      className={isShown ? 'run-row shown' : 'run-row'}
      onClick={(event) => {
        if (!(event.target instanceof Element && event.target.closest('a, button'))) go(to);
      }}
    >
      <td data-label={t('sync.state')}>
        <Status {...lookOf(job, waits)}>{stateWord(job, waits)}</Status>
        {job.decided && !waits && <span className="muted"> {t('runs.by', { name: job.decided.by })}</span>}
      </td>
      <th scope="row" data-label={t('sync.dataset')} className="run-name">
        <a href={to} data-run={job.id} tabIndex={isStop ? 0 : -1}>
          {t('dataset.name', { project: job.projectName, source: job.sourceName })}
        </a>
      </th>
      <td data-label={t('runs.began')} className="cell-time">
        <time dateTime={beganAt(job)} title={formatAbsolute(beganAt(job))}>
          {startText(job, now)}
        </time>
      </td>
      <td data-label={t('sync.duration')} className="cell-number cell-time">
        {took === null ? t('state.none') : formatDuration(took)}
      </td>
      <td data-label={t('runs.records')} className="cell-number">
        {(job.status === 'completed' || job.status === 'held' ? deltaText(job) : null) ?? t('state.none')}
      </td>
      <td data-label={t('runs.causeTitle')}>{causeWord(job) ?? ''}</td>
      <td data-label={t('sync.trigger')} className="cell-time">
        {t(`job.trigger.${job.trigger}`)}
      </td>
    </tr>
  );
});
