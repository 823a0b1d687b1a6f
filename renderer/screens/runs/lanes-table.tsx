import type { Job } from '../../../preload/contract/models.ts';
import type { Range } from '../../components/data/lane-bars.ts';
import { formatNumber } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { startText, stateWord } from '../../watch/run-look.ts';

interface LanesTableProps {
  readonly links: readonly Watched[];
  readonly jobs: readonly Job[];
  readonly since: number;
  readonly range: Range;
}

const counted = ['completed', 'failed', 'held', 'cancelled'] as const;

/** The same as the lanes, to be read. */
export function LanesTable({ links, jobs, since, range }: LanesTableProps) {
  const now = useNow();
  const byDataset = Map.groupBy(
    jobs.filter((job) => Date.parse(job.finishedAt ?? job.queuedAt) >= since || job.finishedAt === null),
    ({ datasetId }) => datasetId,
  );
  return (
    <details className="lanes-table">
      <summary>{t('runs.asTable')}</summary>
      <div className="table-wrap">
        <table className="table">
          <caption className="visually-hidden">{t(`runs.range.${range}`)}</caption>
          <thead>
            <tr>
              <th scope="col">{t('sync.dataset')}</th>
              {counted.map((status) => (
                <th key={status} scope="col" className="cell-number">
                  {t(`job.status.${status}`)}
                </th>
              ))}
              <th scope="col">{t('runs.newest')}</th>
            </tr>
          </thead>
          <tbody>
            {links.map(({ link, dataset }) => {
              const runs = (dataset && byDataset.get(dataset.id)) ?? [];
              const [newest] = runs;
              return (
                <tr key={link.id}>
                  <th scope="row">
                    {t('dataset.name', { project: link.projectName, source: link.sourceName })}
                  </th>
                  {counted.map((status) => (
                    <td key={status} className="cell-number">
                      {formatNumber(runs.filter((job) => job.status === status).length)}
                    </td>
                  ))}
                  <td>
                    {newest ? `${startText(newest, now)}: ${stateWord(newest, true)}` : t('state.none')}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}
