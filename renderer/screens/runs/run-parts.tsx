import type { Job, RunDetail, RunFacts, RunPhase } from '../../../preload/contract/models.ts';
import { Icon, Spinner } from '../../components/icons.tsx';
import { formatAbsolute, formatDuration, formatNumber, formatSigned, formatTimeOfDay } from '../../format.ts';
import { t } from '../../i18n/index.ts';

/** How a stretch of a run ended: the last one is where it is, or where it stopped. */
function markOf(job: Job, isLast: boolean): 'done' | 'now' | 'stopped' {
  if (!isLast || job.status === 'completed' || job.status === 'held') return 'done';
  return job.finishedAt === null && job.status === 'running' ? 'now' : 'stopped';
}

/** The stretches of a run, one below the other, with their times. */
export function Phases({ facts, job }: { facts: RunFacts; job: Job }) {
  return (
    <ol className="stepper">
      {facts.phases.map((each, at) => {
        const mark = markOf(job, at === facts.phases.length - 1);
        return (
          <li key={`${each.startedAt} ${each.phase}`} className={`step step-${mark}`}>
            <span className="step-mark" aria-hidden="true">
              {mark === 'now' ? (
                <Spinner size={14} />
              ) : (
                <Icon
                  name={mark === 'done' ? 'check' : job.status === 'failed' ? 'failed' : 'pause'}
                  size={14}
                />
              )}
            </span>
            <span className="step-name">{t(`runs.phase.${each.phase}`)}</span>
            <Stretch phase={each} goesOn={mark === 'now'} />
          </li>
        );
      })}
    </ol>
  );
}

function Stretch({ phase, goesOn }: { phase: RunPhase; goesOn: boolean }) {
  return (
    <span className="step-time number">
      <time dateTime={phase.startedAt} title={formatAbsolute(phase.startedAt)}>
        {formatTimeOfDay(phase.startedAt)}
      </time>
      {goesOn ? t('runs.goesOn') : formatDuration(phase.ms)}
      {phase.waitedMs > 0 && (
        <span className="muted">{t('runs.waited', { time: formatDuration(phase.waitedMs) })}</span>
      )}
    </span>
  );
}

/** Rows that a table may show without asking. */
const shortList = 12;

/** What was read of the source, dataset by dataset, and what it made of each table. */
export function TableDeltas({ detail: { job, facts, tables } }: { detail: RunDetail }) {
  const reads = new Map(facts?.reads.map((read) => [read.dataset, read]));
  return (
    <section aria-labelledby="run-tables">
      <h3 id="run-tables">{t('runs.tables')}</h3>
      {job.tables.length > 0 && (
        <div className="table-wrap">
          <table className="table run-reads">
            <thead>
              <tr>
                <th scope="col">{t('runs.dataset')}</th>
                <th scope="col" className="cell-number">
                  {t('runs.read')}
                </th>
                <th scope="col" className="cell-number">
                  {t('runs.announced')}
                </th>
                <th scope="col" className="cell-number">
                  {t('runs.pages')}
                </th>
                <th scope="col" className="cell-number">
                  {t('runs.rate')}
                </th>
              </tr>
            </thead>
            <tbody>
              {job.tables.map(({ dataset, fetched, total }) => {
                const read = reads.get(dataset);
                const rate = read && read.ms > 0 ? (fetched * 1000) / read.ms : null;
                return (
                  <tr key={dataset}>
                    <th scope="row" className="code" translate="no">
                      {dataset}
                    </th>
                    <td className="cell-number">{formatNumber(fetched)}</td>
                    <td className="cell-number">{total === null ? t('state.none') : formatNumber(total)}</td>
                    <td className="cell-number">{read ? formatNumber(read.pages) : t('state.none')}</td>
                    <td className="cell-number">
                      {rate === null
                        ? t('state.none')
                        : t('runs.perSecond', { n: formatNumber(Math.round(rate)) })}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {tables.length > 0 && <Deltas tables={tables} />}
      {job.tables.length === 0 && tables.length === 0 && <p className="muted">{t('runs.noTables')}</p>}
    </section>
  );
}

function Deltas({ tables }: { tables: RunDetail['tables'] }) {
  // What changed stands first; a form with dozens of repeats is else all that is seen.
  const sorted = [...tables].sort((a, b) => Math.abs(changeOf(b) ?? 0) - Math.abs(changeOf(a) ?? 0));
  const short = sorted.slice(0, shortList);
  const rest = sorted.slice(shortList);
  return (
    <>
      <DeltaTable tables={short} />
      {rest.length > 0 && (
        <details className="run-more">
          <summary>{t('runs.moreTables', { count: rest.length })}</summary>
          <DeltaTable tables={rest} />
        </details>
      )}
    </>
  );
}

const changeOf = ({ before, after }: RunDetail['tables'][number]): number | null =>
  before === null && after === null ? null : (after ?? 0) - (before ?? 0);

function DeltaTable({ tables }: { tables: RunDetail['tables'] }) {
  return (
    <div className="table-wrap">
      <table className="table run-deltas">
        <thead>
          <tr>
            <th scope="col">{t('runs.table')}</th>
            <th scope="col" className="cell-number">
              {t('runs.before')}
            </th>
            <th scope="col" className="cell-number">
              {t('runs.after')}
            </th>
            <th scope="col" className="cell-number">
              {t('runs.change')}
            </th>
          </tr>
        </thead>
        <tbody>
          {tables.map((table) => {
            const change = changeOf(table);
            return (
              <tr key={table.name}>
                <th scope="row" className="code" translate="no">
                  {table.name}
                </th>
                <td className="cell-number">
                  {table.before === null ? t('state.none') : formatNumber(table.before)}
                </td>
                <td className="cell-number">
                  {table.after === null ? t('state.none') : formatNumber(table.after)}
                </td>
                <td className={`cell-number${change !== null && change < 0 ? ' tone-text-bad' : ''}`}>
                  {change === null || table.before === null ? t('state.none') : formatSigned(change)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
