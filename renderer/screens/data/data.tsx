import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { Dataset } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { href, type Route } from '../../router.ts';
import type { Pane } from './pane.ts';
import { NoTables, TableView } from './table-view.tsx';
import { titleOfTable, useTitles } from './titles.ts';
import { Tree } from './tree.tsx';

/** `#/data/<dataset>/<table>?column=`: every table that landed, its rows, and what is known of them. */
export function Data({ route }: { route: Route }) {
  const datasets = useCall('datasets.list', {});
  const list = useMemo(() => datasets.data?.filter(({ dataAsOf }) => dataAsOf !== null), [datasets.data]);
  if (list === undefined || list.length === 0) {
    return (
      <Page title={t('data.title')} lead={t('data.lead')} wide>
        <Loaded call={datasets}>
          {() => (
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
          )}
        </Loaded>
      </Page>
    );
  }
  return <Workbench datasets={list} route={route} />;
}

function Workbench({ datasets, route }: { datasets: readonly Dataset[]; route: Route }) {
  const titles = useTitles(datasets);
  const [, wantedDataset, wantedTable] = route.parts;
  const dataset =
    wantedDataset === undefined
      ? (datasets.find(({ status }) => status !== 'expired') ?? datasets[0])
      : datasets.find(({ id }) => id === wantedDataset);
  const tables = dataset ? (titles.get(dataset.id) ?? []) : [];
  const name = wantedTable ?? tables[0]?.name;
  const column = route.query.get('column');
  // A narrow window has room for one of the three.
  const [pane, setPane] = useState<Pane>(wantedTable === undefined ? 'tree' : 'grid');
  const place = `${wantedDataset ?? ''} ${wantedTable ?? ''}`;
  useEffect(() => {
    if (place.trim() !== '') setPane('grid');
  }, [place]);
  const room = useRef<HTMLDivElement>(null);
  const shown = useRef(pane);
  useEffect(() => {
    if (shown.current === pane) return;
    shown.current = pane;
    // The pane that had the focus may be out of sight now: it goes along.
    const at = document.activeElement;
    if (at instanceof HTMLElement && at !== document.body && at.offsetParent !== null) return;
    focusPane(room.current?.querySelector<HTMLElement>(`[data-pane="${pane}"]`) ?? undefined);
  }, [pane]);
  const walk = (event: KeyboardEvent): void => {
    if (event.key !== 'F6') return;
    const all = [...(room.current?.querySelectorAll<HTMLElement>('[data-pane]') ?? [])];
    const there = all.filter((each) => each.offsetParent !== null);
    const at = there.findIndex((each) => each.contains(document.activeElement));
    const next = there[(at + (event.shiftKey ? -1 : 1) + there.length) % there.length];
    event.preventDefault();
    focusPane(next);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: F6 goes from pane to pane wherever in them one is
    <div className="data-room" ref={room} onKeyDown={walk}>
      <div className="data-panes" data-shown={pane}>
        <Tree
          datasets={datasets}
          titles={titles}
          current={dataset?.id}
          table={name}
          onGo={() => setPane('grid')}
        />
        {dataset && name !== undefined ? (
          <TableView
            key={`${dataset.id} ${name}`}
            dataset={dataset}
            table={name}
            title={titleOfTable(
              tables.find((each) => each.name === name),
              name,
            )}
            lang={tables.find((each) => each.name === name)?.lang}
            column={column}
            pane={pane}
            onPane={setPane}
          />
        ) : (
          <NoTables dataset={dataset} onBack={() => setPane('tree')} />
        )}
      </div>
    </div>
  );
}

/** Where one was in a pane: its field, its grid, the link that is its one stop; else the pane itself. */
function focusPane(pane: HTMLElement | undefined): void {
  const stop = pane?.querySelector<HTMLElement>(
    '[role="grid"], [aria-current][tabindex="0"], a[tabindex="0"]',
  );
  (stop ?? pane)?.focus();
}
