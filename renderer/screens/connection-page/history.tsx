import { useState } from 'react';
import type { Connection, HealthHistory } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { SelectField } from '../../components/fields.tsx';
import { Card, Loaded } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { formatDuration } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { healthLook, notChecked } from '../connections/health.tsx';
import { Sparkline, summaryOf } from './sparkline.tsx';

const ranges = [24, 168, 720] as const;
type Hours = (typeof ranges)[number];

/** Rows of the table that are drawn at first, and added by each “show more”. */
const tableStep = 100;

/** How a connection has been: answer times, failures, and when its state changed. */
export function History({ connection }: { connection: Connection }) {
  const [hours, setHours] = useState<Hours>(24);
  const history = useCall('connections.history', { id: connection.id, hours });
  return (
    <Card
      title={t('history.title')}
      action={
        <div className="history-range">
          <SelectField
            label={t('history.range')}
            value={String(hours)}
            onChange={(value) => setHours(ranges.find((each) => String(each) === value) ?? 24)}
            options={ranges.map((value) => ({ value: String(value), label: t(`history.hours.${value}`) }))}
          />
        </div>
      }
    >
      <Loaded call={history} rows={2}>
        {(data) => <Shown key={hours} history={data} hours={hours} unwatched={notChecked(connection)} />}
      </Loaded>
    </Card>
  );
}

interface ShownProps {
  readonly history: HealthHistory;
  readonly hours: Hours;
  /** Why nobody looks in the background; null where somebody does. */
  readonly unwatched: string | null;
}

function Shown({ history: { checks, changes }, hours, unwatched }: ShownProps) {
  const last = checks.at(-1);
  // What came since the clock was looked at is in the picture too.
  const now = Math.max(useNow(), last ? Date.parse(last.at) : 0);
  if (checks.length === 0) return <p className="muted">{unwatched ?? t('history.none')}</p>;
  const range = t(`history.hours.${hours}`);
  const summary = summaryOf(checks);
  return (
    <div className="stack-tight">
      <Sparkline
        checks={checks}
        from={now - hours * 3_600_000}
        to={now}
        label={t('history.chart', { range, summary })}
      />
      <p className="muted">{summary}</p>
      <Checks checks={checks} />
      <h3>{t('history.changes')}</h3>
      {changes.length === 0 ? (
        <p className="muted">{t('history.noChanges')}</p>
      ) : (
        <ul className="changes" aria-label={t('history.changes')}>
          {changes.map((change) => (
            <li key={change.at}>
              <Time at={change.at} form="moment" />
              <span>
                <Status {...healthLook[change.to]}>
                  {t('history.fromTo', {
                    from: t(`health.${change.from}`),
                    to: t(`health.${change.to}`),
                  })}
                </Status>
                {change.message !== null && (
                  <span className="cell-note">{sentence(change.said, change.message)}</span>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The same as the chart in numbers, newest first. */
function Checks({ checks }: { checks: HealthHistory['checks'] }) {
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState(tableStep);
  const newest = checks.toReversed();
  return (
    <details className="history-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('history.table')}</summary>
      {/* Thousands of rows are not drawn for those who do not look at them. */}
      {open && (
        <>
          {checks.length > shown && (
            <p className="muted">{t('history.newest', { shown, count: checks.length })}</p>
          )}
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('history.at')}</th>
                <th scope="col">{t('history.state')}</th>
                <th scope="col" className="cell-number">
                  {t('history.latency')}
                </th>
              </tr>
            </thead>
            <tbody>
              {newest.slice(0, shown).map((check) => (
                <tr key={check.at}>
                  <td>
                    <Time at={check.at} form="moment" />
                  </td>
                  <td>
                    <Status {...healthLook[check.state]}>{t(`health.${check.state}`)}</Status>
                  </td>
                  <td className="cell-number">
                    {check.latencyMs === null ? t('state.none') : formatDuration(check.latencyMs)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {checks.length > shown && (
            <Button small onClick={() => setShown(shown + tableStep)}>
              {t('filter.showMore')}
            </Button>
          )}
        </>
      )}
    </details>
  );
}
