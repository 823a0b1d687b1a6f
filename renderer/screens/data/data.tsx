import type { Dataset } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { href, type Route } from '../../router.ts';
import { DatasetTables } from './dataset-tables.tsx';

/** `#/data/<dataset>/<table>`: what landed, table by table. */
export function Data({ route }: { route: Route }) {
  const datasets = useCall('datasets.list', {});
  return (
    <Page title={t('data.title')} lead={t('data.lead')} wide>
      <Loaded call={datasets}>
        {(all) => {
          const list = all.filter((each) => each.dataAsOf !== null && each.status !== 'expired');
          const chosen = list.find((each) => each.id === route.parts[1]) ?? list[0];
          return chosen ? (
            <div className="browser">
              <DatasetList datasets={list} chosen={chosen} table={route.parts[2]} />
            </div>
          ) : (
            <Empty
              icon="table"
              title={t('data.emptyTitle')}
              action={
                <a className="button button-primary" href={href('runs')}>
                  {t('data.emptyAction')}
                </a>
              }
            >
              {t('data.emptyText')}
            </Empty>
          );
        }}
      </Loaded>
    </Page>
  );
}

interface DatasetListProps {
  readonly datasets: readonly Dataset[];
  readonly chosen: Dataset;
  readonly table: string | undefined;
}

function DatasetList({ datasets, chosen, table }: DatasetListProps) {
  const others = datasets.filter((each) => each.id !== chosen.id);
  return (
    <DatasetTables key={chosen.id} dataset={chosen} table={table}>
      {others.length > 0 && (
        <ul className="browser-others">
          {others.map((each) => (
            <li key={each.id}>
              <a className="browser-dataset" href={href('data', each.id)}>
                {t('dataset.name', { project: each.projectName, source: each.sourceName })}
                <span className="cell-note code" translate="no">
                  {each.schemaName}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </DatasetTables>
  );
}
