import { useState } from 'react';
import type { Dataset, Drift } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { changeLook } from '../../components/data/change-look.ts';
import { Empty, Loaded } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { formatMoment, formatNumber } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';

/** So many are asked for at first; all that is kept when somebody wants older ones. */
const first = 500;
const kept = 5000;
/** So many of one refresh are shown at first: a new form can bring hundreds. */
const shownAtOnce = 40;

/** What was added, removed and retyped from refresh to refresh, newest first. */
export function Changes({ dataset }: { dataset: Dataset }) {
  const [limit, setLimit] = useState(first);
  const changes = useCall('datasets.changes', { id: dataset.id, limit });
  return (
    <Loaded call={changes} rows={6}>
      {(list) =>
        list.length === 0 ? (
          <Empty icon="checkCircle" title={t('changes.emptyTitle')}>
            {t('changes.emptyText')}
          </Empty>
        ) : (
          <div className="change-days">
            {[...Map.groupBy(list, (change) => change.jobId)].map(([jobId, members]) => (
              <OfRefresh key={jobId} jobId={jobId} changes={members} />
            ))}
            {list.length === limit && limit < kept && (
              <div className="actions">
                <Button onClick={() => setLimit(kept)}>{t('changes.older')}</Button>
              </div>
            )}
          </div>
        )
      }
    </Loaded>
  );
}

function OfRefresh({ jobId, changes }: { jobId: string; changes: readonly Drift[] }) {
  const now = useNow();
  const [all, setAll] = useState(false);
  const at = changes[0]?.at ?? '';
  const moment = formatMoment(at, now);
  return (
    <section aria-label={moment}>
      <header className="change-head">
        <h2>
          <Time at={at} form="moment" />
        </h2>
        <span className="muted">{t('changes.count', { count: changes.length })}</span>
        <a href={href('runs', jobId)} aria-label={t('changes.jobOf', { time: moment })}>
          {t('changes.job')}
        </a>
      </header>
      <ul className="table-wrap">
        {changes.slice(0, all ? changes.length : shownAtOnce).map((change) => (
          <li className="change-line" key={`${change.kind} ${change.table} ${change.column}`}>
            <Status {...changeLook[change.kind]}>{t(`changes.${change.kind}`)}</Status>
            <span className="code" translate="no">
              {change.column === null ? change.table : `${change.table}.${change.column}`}
            </span>
            <ChangedType change={change} />
          </li>
        ))}
      </ul>
      {!all && changes.length > shownAtOnce && (
        <Button small tone="quiet" onClick={() => setAll(true)}>
          {t('changes.showAll', { count: formatNumber(changes.length) })}
        </Button>
      )}
    </section>
  );
}

function ChangedType({ change: { before, after } }: { change: Drift }) {
  if (before !== null && after !== null) {
    return (
      <span className="code" translate="no">
        <span className="visually-hidden">{t('changes.retyped', { before, after })}</span>
        <span aria-hidden="true">
          {before} → {after}
        </span>
      </span>
    );
  }
  return (
    <span className="code muted" translate="no">
      {after ?? before}
    </span>
  );
}
