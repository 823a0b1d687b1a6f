import { useCall } from '../../api.ts';
import { changeLook } from '../../components/data/change-look.ts';
import { Empty, Loaded } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { formatList } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { type Together, together } from './grouped-changes.ts';
import type { TabProps } from './tab-props.ts';

const changesAsked = 500;

/** What came, went and changed in the tables, what belongs together as one line. */
export function Changes({ links }: TabProps) {
  const read = links.filter(({ dataset }) => dataset !== null);
  if (read.length === 0)
    return (
      <Empty icon="checkCircle" title={t('changes.emptyTitle')}>
        {t('changes.emptyText')}
      </Empty>
    );
  return (
    <div className="stack">
      {read.map((each) => (
        <OfSource key={each.link.id} watched={each} />
      ))}
    </div>
  );
}

function OfSource({ watched: { dataset, link } }: { readonly watched: Watched }) {
  const id = dataset?.id ?? '';
  const changes = useCall('datasets.changes', id === '' ? null : { id, limit: changesAsked });
  return (
    <section aria-labelledby={`changes-${id}`}>
      <header className="section-head">
        <h2 id={`changes-${id}`}>{link.sourceName}</h2>
        <a href={`${href('dictionary', id)}?show=changes`}>{t('project.everyChange')}</a>
      </header>
      <Loaded call={changes}>
        {(list) =>
          list.length === 0 ? (
            <p className="muted">{t('project.noChanges')}</p>
          ) : (
            <ul className="table-wrap">
              {together(list).map((group) => (
                <Line key={group.key} group={group} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}

/** More names than these are behind a disclosure. */
const namedTables = 3;

function Line({ group: { at, kind, tables, columns, retyped } }: { readonly group: Together }) {
  const count = { tables: tables.length, columns: columns.length };
  const names = tables.slice(0, namedTables);
  return (
    <li className="project-change">
      <Status {...changeLook[kind]}>{t(`changes.${kind}`)}</Status>
      <div>
        <p>
          {columns.length === 0
            ? t('project.changedTables', { count: count.tables })
            : t('project.changedColumns', count)}{' '}
          <span className="code" translate="no">
            {tables.length > namedTables
              ? t('links.datasetsMore', { names: names.join(', '), count: tables.length - namedTables })
              : formatList(names)}
          </span>
          {retyped && (
            <span className="code muted" translate="no">
              {' '}
              {retyped.before} → {retyped.after}
            </span>
          )}
        </p>
        {(columns.length > 0 || tables.length > namedTables) && (
          <details>
            <summary>{t('project.changedDetails')}</summary>
            {columns.length > 0 && (
              <p className="code" translate="no">
                {columns.join(', ')}
              </p>
            )}
            {tables.length > namedTables && (
              <p className="code" translate="no">
                {tables.join(', ')}
              </p>
            )}
          </details>
        )}
      </div>
      <Time at={at} form="moment" />
    </li>
  );
}
