import { sinceOf } from '../../components/data/lane-bars.ts';
import { type Lane, RunLanes } from '../../components/data/run-lanes.tsx';
import { useLive, useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { useRunPages } from '../runs/use-run-pages.ts';

/** So many lanes are drawn here; all of them are on the page of runs. */
const mostLanes = 12;
const runsAsked = 500;

/** The runs of the last 24 hours, a lane for each source. */
export function LastDay({ watched }: { readonly watched: readonly Watched[] }) {
  const now = useNow();
  const live = useLive();
  const lanes = watched.flatMap(({ link, dataset }): Lane[] =>
    dataset
      ? [
          {
            id: dataset.id,
            name: t('dataset.name', { project: link.projectName, source: link.sourceName }),
            label: link.sourceName,
          },
        ]
      : [],
  );
  const drawn = lanes.slice(0, mostLanes);
  const ids = drawn.map(({ id }) => id);
  const runs = useRunPages(
    ids.length === 0 ? null : { datasetIds: ids, since: sinceOf('day', now) },
    runsAsked,
  );
  if (drawn.length === 0 || !runs.data) return null;
  return (
    <section className="fresh" aria-labelledby="day-title">
      <header className="fresh-head">
        <h2 id="day-title">{t('home.lastDay')}</h2>
        <a href={href('runs')}>
          {lanes.length > drawn.length ? t('home.allLanes', { count: lanes.length }) : t('home.allRuns')}
        </a>
      </header>
      <div className="table-wrap home-lanes">
        <RunLanes lanes={drawn} jobs={runs.data.map(live)} range="day" now={now} />
      </div>
    </section>
  );
}
