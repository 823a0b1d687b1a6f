import { useEffect, useState } from 'react';
import type { Connection } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { RowMenu } from '../../components/menu.tsx';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { go, href, type Route } from '../../router.ts';
import { ExportDialog } from '../connection-export/export-dialog.tsx';
import { SealDialog } from '../connection-export/seal-dialog.tsx';
import { ConnectionForm } from './connection-form.tsx';
import { ConnectionTable } from './connection-table.tsx';
import { EditConnection } from './edit-connection.tsx';
import { asked, type Filter, Filters, isNarrowed, noFilter, useSettled } from './filters.tsx';
import type { FixField } from './fixes.ts';
import { Selection } from './selection.tsx';
import { collectIds, useTestAll } from './test-all.ts';
import { TestAllBar } from './test-all-bar.tsx';
import { mostDrawn, type Place, pageSize, start, useList } from './use-list.ts';

/** How long typing pauses before the list is asked for. */
const pauseMs = 180;

type Handing = { readonly kind: 'export' | 'seal'; readonly ids: readonly string[] };

export function ConnectionList({ route }: { route: Route }) {
  const access = useAccess();
  const blocked = access.reason('manage_database_connections');
  const [editing, setEditing] = useState<Connection | 'new' | null>(null);
  const [at, setAt] = useState<FixField>();
  const edit = (connection: Connection, field?: FixField): void => {
    setAt(field);
    setEditing(connection);
  };
  const [handing, setHanding] = useState<Handing | null>(null);
  const [filter, setFilter] = useState<Filter>(noFilter);
  const [place, setPlace] = useState<Place>(start);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const search = useSettled(filter.search, pauseMs);
  const settled = { ...filter, search };
  const list = useList(settled, place);
  // Whether there is any at all; a filter that fits nothing is another thing.
  const any = useCall('connections.list', { limit: 1 }).data?.total;
  // Archived ones are counted only when asked for; without the filters nobody would find them again.
  const archived = useCall('connections.list', any === 0 ? { state: 'archived', limit: 1 } : null).data
    ?.total;
  const test = useTestAll(asked(settled));
  const hand = useAction(async (client, signal, kind: Handing['kind']) => {
    setHanding({ kind, ids: await collectIds(client, asked(settled), signal) });
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question begins at its beginning
  useEffect(() => setPlace(start), [JSON.stringify(settled)]);

  const wanted = route.query.has('add') && blocked === undefined;
  const close = () => {
    setEditing(null);
    if (wanted) go(href('connections'), true);
  };
  const add = (
    <Button tone="primary" icon="plus" blocked={blocked} onClick={() => setEditing('new')}>
      {t('connections.add')}
    </Button>
  );
  const importing = blocked === undefined && (
    <a className="button button-plain" href={href('connections', 'import')}>
      {t('connections.import')}
    </a>
  );
  const empty = any === 0 && archived === 0 && !isNarrowed(filter);
  const mayTest = access.reason('use_connections');
  const off = filter.state === 'disabled' || filter.state === 'archived';
  const menu = (
    <RowMenu
      label={t('connections.more')}
      entries={[
        {
          label: t('connections.export'),
          icon: 'external',
          blocked,
          onSelect: () => void hand.run('export'),
        },
        {
          label: t('connections.seal'),
          icon: 'lock',
          blocked: access.reason('reveal_secrets'),
          onSelect: () => void hand.run('seal'),
        },
        {
          label: t('deleted.menu'),
          icon: 'trash',
          onSelect: () => go(href('connections', 'deleted')),
        },
      ]}
    />
  );
  const subject = editing ?? (wanted ? 'new' : null);
  return (
    <Page
      title={t('connections.title')}
      lead={t('connections.lead')}
      wide
      action={
        empty ? undefined : (
          <div className="actions">
            {importing}
            {add}
            {menu}
          </div>
        )
      }
    >
      {hand.error && <ErrorNotice error={hand.error} urgent />}
      {empty ? (
        <Empty
          icon="database"
          title={t('connections.emptyTitle')}
          action={
            <div className="actions">
              {add}
              {importing}
            </div>
          }
        >
          {t('connections.emptyText')}
        </Empty>
      ) : (
        <Loaded call={list} rows={6}>
          {({ attention, others, page, counts }) => (
            <div className="stack">
              <Filters filter={filter} onChange={setFilter} page={page} counts={counts} />
              <TestAllBar test={test} />
              {selected.size > 0 ? (
                <Selection
                  selected={selected}
                  onChange={setSelected}
                  total={page.total}
                  filter={asked(settled)}
                  onTest={() => void test.action.run([...selected])}
                  onExport={() => setHanding({ kind: 'export', ids: [...selected] })}
                />
              ) : (
                <div className="list-head">
                  <p className="muted" role="status">
                    {t('filter.found', { count: page.total })}
                  </p>
                  <Button
                    small
                    icon="sync"
                    busy={test.action.busy}
                    blocked={mayTest ?? (page.total === 0 || off ? t('testAll.none') : undefined)}
                    onClick={() => void test.action.run(null)}
                  >
                    {t('testAll.start')}
                  </Button>
                </div>
              )}
              {page.total === 0 ? (
                <p>{t(isNarrowed(filter) ? 'filter.none' : 'filter.allArchived')}</p>
              ) : (
                <ConnectionTable
                  attention={attention}
                  others={others}
                  selected={selected}
                  onSelect={setSelected}
                  onEdit={edit}
                />
              )}
              <Pages place={place} total={page.total} onChange={setPlace} />
            </div>
          )}
        </Loaded>
      )}
      <DeletedLink />
      {subject === 'new' && <ConnectionForm connection={null} onClose={close} />}
      {subject !== null && subject !== 'new' && (
        <EditConnection id={subject.id} name={subject.name} at={at} onClose={close} />
      )}
      {handing?.kind === 'export' && <ExportDialog ids={handing.ids} onClose={() => setHanding(null)} />}
      {handing?.kind === 'seal' && <SealDialog ids={handing.ids} onClose={() => setHanding(null)} />}
    </Page>
  );
}

/** Leads to those that can be restored; nothing where there is none. */
function DeletedLink() {
  const count = useCall('connections.deleted', {}).data?.length ?? 0;
  if (count === 0) return null;
  return (
    <p className="list-foot">
      <a href={href('connections', 'deleted')}>{t('deleted.link', { count })}</a>
    </p>
  );
}

interface PagesProps {
  readonly place: Place;
  readonly total: number;
  readonly onChange: (place: Place) => void;
}

/** More of a long list: added below as long as that stays quick, then page by page. */
function Pages({ place: { offset, limit }, total, onChange }: PagesProps) {
  if (total <= pageSize) return null;
  const end = Math.min(offset + limit, total);
  const grows = limit < mostDrawn && end < total;
  const turn = (to: number) => {
    onChange({ offset: to, limit: mostDrawn });
    window.scrollTo({ top: 0 });
  };
  return (
    <div className="pages">
      <p className="muted number">
        {t('filter.shown', {
          from: formatNumber(offset + 1),
          to: formatNumber(end),
          total: formatNumber(total),
        })}
      </p>
      {grows && (
        <Button small onClick={() => onChange({ offset, limit: Math.min(limit + pageSize, mostDrawn) })}>
          {t('filter.showMore')}
        </Button>
      )}
      {!grows && offset > 0 && (
        <Button small onClick={() => turn(Math.max(0, offset - mostDrawn))}>
          {t('filter.previous', { count: mostDrawn })}
        </Button>
      )}
      {!grows && end < total && (
        <Button small onClick={() => turn(end)}>
          {t('filter.next', { count: Math.min(mostDrawn, total - end) })}
        </Button>
      )}
      {!grows && end < total && <p className="muted">{t('filter.narrow')}</p>}
    </div>
  );
}
