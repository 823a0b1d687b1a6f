import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { FreshnessText, WatchedText } from '../../components/data/freshness.tsx';
import { ReviewHeld } from '../../components/data/held-review.tsx';
import { KeepTables } from '../../components/data/keep-tables.tsx';
import { type Range, rangeMs, ranges, sinceOf } from '../../components/data/lane-bars.ts';
import { NextStep } from '../../components/data/put-right.tsx';
import { RunLanes } from '../../components/data/run-lanes.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useLive, useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { hrefShowing } from '../../router.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { expirySentence } from '../../watch/state.ts';
import { LanesTable } from './lanes-table.tsx';
import { useRunPages } from './use-run-pages.ts';

/** So many lanes are drawn before somebody asks for more. */
const firstLanes = 12;
const pageLimit = 500;
/** Pages of runs that are read for the lanes: what is older than those is not drawn, and that is said. */
const mostPages = 4;

/** Every dataset with a lane of its runs, and what is to be done with it. */
export function LanesCard({ links, shown }: { links: readonly Watched[]; shown: string | undefined }) {
  const [range, setRange] = useState<Range>('day');
  const [count, setCount] = useState(firstLanes);
  const now = useNow();
  const live = useLive();
  const drawn = links.slice(0, count);
  const ids = drawn.flatMap(({ dataset }) => dataset?.id ?? []).slice(0, 100);
  const since = sinceOf(range, now);
  const runs = useRunPages(ids.length === 0 ? null : { datasetIds: ids, since }, pageLimit, mostPages);
  const jobs = (runs.data ?? []).map(live);
  const oldest = jobs.at(-1);
  return (
    <section className="card lanes-card" aria-label={t('runs.lanes')}>
      <header className="card-header">
        <h2>{t('runs.lanes')}</h2>
        <fieldset className="segments">
          <legend className="visually-hidden">{t('runs.range')}</legend>
          {ranges.map((each) => (
            <label key={each}>
              <input type="radio" name="range" checked={range === each} onChange={() => setRange(each)} />
              <span>{t(`runs.range.${each}`)}</span>
            </label>
          ))}
        </fieldset>
      </header>
      {runs.error && (
        <ErrorNotice
          error={runs.error}
          actions={
            <Button small icon="sync" onClick={runs.reload}>
              {t('action.tryAgain')}
            </Button>
          }
        />
      )}
      <RunLanes
        lanes={drawn.map((watched) => laneOf(watched, now))}
        jobs={jobs}
        range={range}
        now={now}
        shown={shown}
      />
      {runs.more && oldest && runs.data && runs.data.length >= pageLimit * mostPages && (
        <p className="cell-note">{t('runs.onlyNewest', { count: runs.data.length })}</p>
      )}
      {links.length > count && (
        <p>
          <Button small onClick={() => setCount(count + 2 * firstLanes)}>
            {t('runs.moreLanes', { count: links.length - count })}
          </Button>
        </p>
      )}
      <LanesTable links={drawn} jobs={jobs} since={now - rangeMs[range]} range={range} />
    </section>
  );
}

function laneOf(watched: Watched, now: number) {
  const { link, dataset } = watched;
  const goes = dataset && expirySentence(dataset, now);
  const name = t('dataset.name', { project: link.projectName, source: link.sourceName });
  return {
    id: dataset?.id ?? link.id,
    name,
    label: (
      <>
        <a href={hrefShowing(link.id, 'projects', link.projectId)} title={name}>
          {name}
        </a>
        <span className="cell-note">
          {dataset ? <FreshnessText dataset={dataset} onlyData /> : <WatchedText watched={watched} />}
        </span>
        {goes && <span className="cell-note">{goes}</span>}
      </>
    ),
    action: (
      <div className="actions">
        {dataset && <ReviewHeld dataset={dataset} primary />}
        <NextStep watched={watched} />
        {dataset && <KeepTables dataset={dataset} of={name} />}
      </div>
    ),
  };
}
