import type { Dataset } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Loaded } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { History } from '../sync/history.tsx';
import type { TabProps } from './project-page.tsx';

/** So many of the newest runs of each source. */
const runsOfSource = 50;

/** What ran for the project, source by source. */
export function ProjectRuns({ links }: TabProps) {
  const datasets = links.flatMap(({ dataset }) => dataset ?? []);
  if (datasets.length === 0) return <p className="muted">{t('project.noRuns')}</p>;
  return (
    <div className="stack">
      {datasets.map((dataset) => (
        <section key={dataset.id} aria-labelledby={`runs-${dataset.id}`}>
          <header className="section-head">
            <h2 id={`runs-${dataset.id}`}>{dataset.sourceName}</h2>
          </header>
          <Runs datasetId={dataset.id} datasets={datasets} />
        </section>
      ))}
    </div>
  );
}

function Runs({
  datasetId,
  datasets,
}: {
  readonly datasetId: string;
  readonly datasets: readonly Dataset[];
}) {
  const jobs = useCall('syncs.list', { datasetId, limit: runsOfSource });
  return <Loaded call={jobs}>{(list) => <History jobs={list} datasets={datasets} />}</Loaded>;
}
