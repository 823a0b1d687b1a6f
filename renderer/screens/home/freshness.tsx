import { memo, useMemo, useState } from 'react';
import type { DatasetHistory } from '../../../preload/contract/models.ts';
import { recordCount } from '../../../preload/contract/records.ts';
import { Button } from '../../components/button.tsx';
import { DayLegend, DayStrip, useHistories } from '../../components/data/day-strip.tsx';
import { Delta } from '../../components/data/delta.tsx';
import { StateBadges } from '../../components/data/freshness.tsx';
import { KeepTables } from '../../components/data/keep-tables.tsx';
import { SyncNow } from '../../components/data/sync-now.tsx';
import { Notice } from '../../components/notice.tsx';
import { Time } from '../../components/time.tsx';
import { formatNumber } from '../../format.ts';
import { useGrowing, useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { useLanguage } from '../../language.tsx';
import { href, hrefShowing } from '../../router.ts';
import { needsAttention, type Watched } from '../../watch/dataset-state.ts';
import { remarks } from '../../watch/state.ts';

/** So many rows are there at once; more come when they are asked for. */
const rowsAtOnce = 40;
/** So many fill a window. */
const firstRows = 12;

/** Whole projects together, in the order of what in them is most urgent. */
const byProject = (watched: readonly Watched[]): Watched[] =>
  [...Map.groupBy(watched, ({ link }) => link.projectId).values()].flat();

/** How fresh everything is: a row for each source of each project. */
export function Freshness({ watched }: { readonly watched: readonly Watched[] }) {
  const [shown, setShown] = useState(rowsAtOnce);
  const all = useMemo(() => byProject(watched), [watched]);
  const wanted = all.slice(0, shown);
  const histories = useHistories(wanted.flatMap(({ dataset }) => (dataset ? [dataset.id] : [])));
  const rows = wanted.slice(0, useGrowing(wanted.length, firstRows));
  return (
    <section className="fresh" aria-labelledby="fresh-title">
      <header className="fresh-head">
        <h2 id="fresh-title">{t('home.freshness')}</h2>
        <span className="muted">{t('home.freshnessText')}</span>
        <DayLegend />
      </header>
      <div className="table-wrap">
        <table className="table fresh-table">
          <thead>
            <tr>
              <th scope="col">{t('home.project')}</th>
              <th scope="col">{t('home.source')}</th>
              <th scope="col">{t('home.state')}</th>
              <th scope="col">{t('home.upTo')}</th>
              <th scope="col" className="fresh-days">
                {t('home.days')}
              </th>
              <th scope="col" className="cell-number">
                {t('home.records')}
              </th>
              <th scope="col" className="cell-number">
                {t('home.today')}
              </th>
              <th scope="col">{t('home.next')}</th>
              <th scope="col">
                <span className="visually-hidden">{t('table.actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((each, at) => (
              <Row
                key={each.link.id}
                watched={each}
                isFirst={rows[at - 1]?.link.projectId !== each.link.projectId}
                history={each.dataset ? histories.get(each.dataset.id) : undefined}
              />
            ))}
          </tbody>
        </table>
      </div>
      {all.length > wanted.length && (
        <Button onClick={() => setShown(shown + rowsAtOnce * 5)}>
          {t('home.moreRows', { count: all.length - wanted.length })}
        </Button>
      )}
    </section>
  );
}

interface RowProps {
  readonly watched: Watched;
  /** Of its project. */
  readonly isFirst: boolean;
  readonly history: DatasetHistory | undefined;
}

const Row = memo(function Row({ watched, isFirst, history }: RowProps) {
  useLanguage();
  const now = useNow();
  const { link, dataset, state, asOf } = watched;
  const name = t('dataset.name', { project: link.projectName, source: link.sourceName });
  // What is to be done about it is among what needs somebody, once.
  const asked = needsAttention(state);
  const said = asked ? [] : remarks(watched, now);
  const records = dataset?.dataAsOf ? recordCount(dataset.rowCounts) : null;
  const before = history?.before;
  const next = dataset?.outlook.at && dataset.outlook.wait !== 'retry' ? dataset.outlook.at : null;
  return (
    <tr>
      <th scope="row" className={isFirst ? 'fresh-project' : 'fresh-project fresh-again'}>
        <a href={href('projects', link.projectId)}>{link.projectName}</a>
      </th>
      <td className="fresh-source">
        <a href={hrefShowing(link.id, 'projects', link.projectId)}>{link.sourceName}</a>
        {said.map((sentence) => (
          <span className="cell-note" key={sentence}>
            {sentence}
          </span>
        ))}
        {dataset && <Notice dataset={dataset} small />}
      </td>
      <td>
        <StateBadges state={state} />
      </td>
      <td className="fresh-time">{asOf === null ? t('state.none') : <Time at={asOf} form="moment" />}</td>
      <td className="fresh-days">{dataset && <DayStrip history={history} of={name} />}</td>
      <td className="cell-number">{records === null ? t('state.none') : formatNumber(records)}</td>
      <td className="cell-number">
        {/* Since today began. */}
        <Delta change={records === null || !before ? null : records - recordCount(before)} />
      </td>
      <td className="fresh-time">{next === null ? t('state.none') : <Time at={next} form="moment" />}</td>
      <td className="fresh-actions">
        {dataset && <KeepTables dataset={dataset} of={name} />}
        {dataset && !asked && <SyncNow linkId={link.id} of={name} dataset={dataset} iconOnly />}
      </td>
    </tr>
  );
});
