import { type KeyboardEvent, useRef } from 'react';
import type { HeldReason, Recount } from '../../../preload/contract/models.ts';
import { formatNumber, formatPercent } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { messageOf, sentence } from '../../i18n/sentence.ts';
import type { TableFinding } from './findings.ts';

interface TableListProps {
  readonly findings: readonly TableFinding[];
  readonly chosen: string | undefined;
  readonly onChoose: (name: string) => void;
}

/** The tables of a held refresh, each with its rows before and after as bars. One tab stop; the arrow keys choose. */
export function TableList({ findings, chosen, onChoose }: TableListProps) {
  const list = useRef<HTMLUListElement>(null);
  const most = Math.max(1, ...findings.map(({ before, after }) => Math.max(before ?? 0, after ?? 0)));
  const walk = (event: KeyboardEvent): void => {
    const at = findings.findIndex(({ name }) => name === chosen);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: findings.length - 1 }[event.key];
    const next = to === undefined ? undefined : findings[to];
    if (!next) return;
    event.preventDefault();
    onChoose(next.name);
    list.current?.querySelector<HTMLElement>(`[data-table="${CSS.escape(next.name)}"]`)?.focus();
  };
  return (
    <nav className="review-tables" aria-labelledby="review-tables">
      <h2 id="review-tables">{t('runs.review.tables')}</h2>
      <ul ref={list} onKeyDown={walk}>
        {findings.map((finding) => (
          <li key={finding.name}>
            <button
              type="button"
              data-table={finding.name}
              aria-current={finding.name === chosen}
              tabIndex={finding.name === chosen ? 0 : -1}
              onClick={() => onChoose(finding.name)}
            >
              <span className="code review-table" translate="no">
                {finding.name}
              </span>
              {(finding.before !== null || finding.after !== null) && (
                <>
                  <span className="number review-rows">{rowsText(finding)}</span>
                  <Bars finding={finding} most={most} />
                </>
              )}
              {finding.reasons.length > 0 && (
                <span className="review-what">{t('runs.review.wrong', { count: kindsOf(finding) })}</span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

const kindsOf = ({ reasons, columnsGone }: TableFinding): number =>
  reasons.length - columnsGone.length + (columnsGone.length > 0 ? 1 : 0);

function rowsText({ before, after }: TableFinding): string {
  const written = (rows: number | null): string => (rows === null ? t('state.none') : formatNumber(rows));
  return `${written(before)} → ${written(after)}`;
}

/** Rows published above, rows held below; a table of a thousand times more rows leaves a stroke of the small ones. */
function Bars({ finding: { before, after }, most }: { finding: TableFinding; most: number }) {
  const width = (rows: number | null): string =>
    rows === null || rows === 0 ? '0' : `max(2px, ${(rows / most) * 100}%)`;
  return (
    <svg className="review-bars" aria-hidden="true">
      <rect className="review-before" x="0" y="0" height="5" style={{ width: width(before) }} />
      <rect className="review-after" x="0" y="7" height="5" style={{ width: width(after) }} />
    </svg>
  );
}

interface FindingProps {
  readonly finding: TableFinding;
  readonly count: Recount['counts'][number] | undefined;
}

/** Everything that is known of one table. */
export function Finding({ finding, count }: FindingProps) {
  const { name, before, after, reasons, columnsGone } = finding;
  const told = reasons.filter(({ code }) => code !== 'column_gone');
  return (
    <section className="review-detail" aria-labelledby="review-detail">
      <h2 id="review-detail" className="code" translate="no">
        {name}
      </h2>
      <dl className="review-numbers">
        {before !== null && <Figure name={t('held.before')} rows={before} />}
        {(before !== null || after !== null) && <Figure name={t('held.after')} rows={after} />}
        {count && !count.error && <Figure name={t('runs.review.now')} rows={count.counted} />}
        {before !== null && before > 0 && (after ?? 0) < before && (
          <div>
            <dt>{t('runs.change')}</dt>
            <dd className="number">
              {t('held.by', { percent: formatPercent((before - (after ?? 0)) / before) })}
            </dd>
          </div>
        )}
      </dl>
      {count?.error && <p>{messageOf(count.error)}</p>}
      {reasons.length === 0 && <p className="muted">{t('runs.review.fine')}</p>}
      {told.length > 0 && (
        <ul className="review-reasons">
          {told.map((reason) => (
            <Reason key={reason.code} reason={reason} />
          ))}
        </ul>
      )}
      {columnsGone.length > 0 && (
        <>
          <h3>{t('runs.review.columnsGone', { count: columnsGone.length })}</h3>
          <ul className="review-columns">
            {columnsGone.map((column) => (
              <li key={column} className="code" translate="no">
                {column}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Figure({ name, rows }: { name: string; rows: number | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="number">{rows === null ? t('state.none') : formatNumber(rows)}</dd>
    </div>
  );
}

function Reason({ reason }: { reason: HeldReason }) {
  return <li>{sentence(reason.said, reason.message)}</li>;
}
