import type { DatasetHistory, TableTitle } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { useHistories } from '../../components/data/day-strip.tsx';
import { Delta } from '../../components/data/delta.tsx';
import { formatNumber, formatPercent } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { nested } from '../../watch/table-tree.ts';

/** A table of a project, by what people call it. */
export interface Listed extends TableTitle {
  readonly datasetId: string;
  readonly sourceName: string;
  /** How deep a repeat lies in its form. */
  readonly depth: number;
  /** Rows more, or fewer, than when today began; null where that is not known. */
  readonly delta: number | null;
}

/** The largest first beside each other. */
const bySize = (siblings: readonly TableTitle[]): readonly TableTitle[] =>
  siblings.toSorted((a, b) => b.rows - a.rows || a.name.localeCompare(b.name));

/** The tables of some links, source by source; undefined until they are known. */
export function useTables(projectId: string, links: readonly Watched[]): Listed[] | undefined {
  const titles = useCall('datasets.titles', { projectId }).data;
  const datasets = links.flatMap(({ dataset }) => dataset ?? []);
  const histories = useHistories(datasets.map(({ id }) => id));
  if (!titles) return undefined;
  return datasets.flatMap(({ id: datasetId, sourceName }) => {
    const tables = titles.find((each) => each.datasetId === datasetId)?.tables ?? [];
    return nested(tables, bySize).map((table) => ({
      ...table,
      ...{ datasetId, sourceName },
      delta: deltaOf(table, histories.get(datasetId)),
    }));
  });
}

function deltaOf({ name, rows }: TableTitle, history: DatasetHistory | undefined): number | null {
  const before = history?.before;
  return before ? rows - (before[name] ?? 0) : null;
}

interface TableListProps {
  readonly tables: readonly Listed[];
  /** Tables of several sources are in it: each says which it is of. */
  readonly withSource?: boolean;
}

/** Tables with their titles, rows, what came today and how much of them is filled. */
export function TableList({ tables, withSource = false }: TableListProps) {
  const reads = useAccess().may('read_data');
  return (
    <div className="table-wrap">
      <table className="table table-list">
        <thead>
          <tr>
            <th scope="col">{t('project.table')}</th>
            <th scope="col">{t('project.tableName')}</th>
            {withSource && <th scope="col">{t('home.source')}</th>}
            <th scope="col" className="cell-number">
              {t('project.rows')}
            </th>
            <th scope="col" className="cell-number">
              {t('home.today')}
            </th>
            <th scope="col">{t('project.filled')}</th>
          </tr>
        </thead>
        <tbody>
          {tables.map((table) => {
            const { datasetId, name, title, lang, depth, rows, delta, filled, sourceName } = table;
            const called = title ?? name;
            return (
              <tr key={`${datasetId} ${name}`}>
                <th scope="row" className="cell-name" style={{ paddingInlineStart: 16 + depth * 14 }}>
                  {depth > 0 && (
                    <span className="muted" aria-hidden="true">
                      ↳{' '}
                    </span>
                  )}
                  {reads ? (
                    <a href={href('data', datasetId, name)} lang={lang}>
                      {called}
                    </a>
                  ) : (
                    <span lang={lang}>{called}</span>
                  )}
                </th>
                <td className="cell-code" translate="no">
                  {name}
                </td>
                {withSource && <td>{sourceName}</td>}
                <td className="cell-number">{formatNumber(rows)}</td>
                <td className="cell-number">
                  <Delta change={delta} />
                </td>
                <td>
                  <Filled share={filled} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Filled({ share }: { readonly share: number | null }) {
  if (share === null) return <span className="muted">{t('state.none')}</span>;
  return (
    <span className="filled">
      <span className="number">{formatPercent(Math.round(share * 100) / 100)}</span>
      <span className="filled-bar" aria-hidden="true">
        <span style={{ inlineSize: `${share * 100}%` }} />
      </span>
    </span>
  );
}
