import { type ReactNode, useState } from 'react';
import { mostQueryRows } from '../../../../preload/contract/query-words.ts';
import { Button, Hint } from '../../../components/button.tsx';
import { copyText } from '../../../components/copy.tsx';
import { ErrorNotice, Note } from '../../../components/error-notice.tsx';
import { type CopyFormat, cellsText, copyFormats, textOf } from '../../../components/grid/copy-as.ts';
import { Grid, type GridProps, type GridSelection } from '../../../components/grid/grid.tsx';
import type { Place } from '../../../components/grid/grid-moves.ts';
import type { RowStore } from '../../../components/grid/rows.ts';
import { useWidths } from '../../../components/grid/use-widths.ts';
import { Empty } from '../../../components/page.tsx';
import { Tag } from '../../../components/status.tsx';
import { Time } from '../../../components/time.tsx';
import { useNotify } from '../../../components/toasts.tsx';
import { formatDuration, formatNumber } from '../../../format.ts';
import { t } from '../../../i18n/index.ts';
import { Chart } from '../chart/chart.tsx';
import { CellView } from './cell-view.tsx';
import type { Rows } from './run.ts';

/** Rows that are copied at once; more would hold the window up, and no program wants them so. */
const mostCopied = 100_000;

interface ResultProps {
  readonly run: Rows;
  readonly onMore: () => void;
  readonly onRest: () => void;
  readonly onLimit: (limit: number) => void;
  readonly onAgain: () => void;
  readonly actions: ReactNode;
}

/** An answer: how it came about, what it was read from, its rows. */
export function Result({ run, onMore, onRest, onLimit, onAgain, actions }: ResultProps) {
  const notify = useNotify();
  const [selection, setSelection] = useState<GridSelection | null>(null);
  const [viewed, setViewed] = useState<Place | null>(null);
  const [view, setView] = useState<'grid' | 'chart'>('grid');
  const { answer, rows, count } = run;

  const selected = () => {
    const { top, bottom, left, right } = selection?.range ?? { top: 0, bottom: 0, left: 0, right: 0 };
    return {
      top,
      bottom: Math.min(bottom, count - 1),
      left,
      right: Math.min(right, answer.columns.length - 1),
    };
  };
  const copy = async (
    top: number,
    bottom: number,
    make: (rows: (string | null)[][]) => string,
  ): Promise<void> => {
    if (bottom - top >= mostCopied) {
      notify.done(t('query.copyTooMany', { count: mostCopied }));
      return;
    }
    const taken: (string | null)[][] = [];
    for (let row = top; row <= bottom; row++) taken.push(rows.row(row));
    const done = await copyText(make(taken));
    notify.done(done ? t('query.copied', { count: taken.length }) : t('query.copyFailed'));
  };
  const copyCells = () => {
    const { top, bottom, left, right } = selected();
    void copy(top, bottom, (taken) => cellsText(taken.map((row) => row.slice(left, right + 1))));
  };
  /** What is selected, or everything that is here where only one cell is. */
  const copyAs = (format: CopyFormat) => {
    const { top, bottom, left, right } = selected();
    const one = top === bottom && left === right;
    const [from, to] = one ? [0, answer.columns.length] : [left, right + 1];
    void copy(one ? 0 : top, one ? count - 1 : bottom, (taken) =>
      textOf(
        format,
        answer.columns.slice(from, to),
        taken.map((row) => row.slice(from, to)),
      ),
    );
  };
  const column = viewed && answer.columns[viewed.column];
  return (
    <>
      <Warnings run={run} />
      <div className="query-facts">
        <p className="query-facts-line" role="status">
          <strong className="number">
            {t(run.end === 'open' ? 'query.rowsSoFar' : 'query.rows', { count })}
          </strong>
          <span className="number">{t('query.took', { time: formatDuration(answer.ms) })}</span>
          <span>{t('query.role', { role: answer.role })}</span>
          <Hint text={t('query.readOnlyHint')}>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what it means has to be reached by keyboard too */}
            <span className="tag tone-ok" tabIndex={0}>
              {t('query.readOnly')}
            </span>
          </Hint>
          {run.fetching && <span>{t('query.fetching')}</span>}
        </p>
        <ul className="query-sources">
          {answer.sources.length === 0 && (
            <li>
              <Tag>{t('query.noSource')}</Tag>
            </li>
          )}
          {answer.sources.map((source) => (
            <li key={source.datasetId} className="tag tone-info" title={source.schemaName}>
              {source.dataAsOf === null ? (
                t('query.fromGone', { source: source.sourceName })
              ) : (
                <Time
                  at={source.dataAsOf}
                  form="moment"
                  say={(time) => t('query.from', { source: source.sourceName, time })}
                />
              )}
            </li>
          ))}
        </ul>
      </div>
      <div className="query-result-tools">
        {count > 0 && (
          <>
            <fieldset className="segments">
              <legend className="visually-hidden">{t('query.views')}</legend>
              {(['grid', 'chart'] as const).map((each) => (
                <button
                  key={each}
                  type="button"
                  className="segment"
                  aria-pressed={each === view}
                  onClick={() => setView(each)}
                >
                  {t(`query.view.${each}`)}
                </button>
              ))}
            </fieldset>
            <fieldset className="actions query-copy">
              <legend className="visually-hidden">{t('query.copyAs')}</legend>
              <span className="muted" aria-hidden="true">
                {t('query.copyAs')}
              </span>
              {copyFormats.map((format) => (
                <Button key={format} small onClick={() => copyAs(format)}>
                  {t(`query.copy.${format}`)}
                </Button>
              ))}
            </fieldset>
          </>
        )}
        <div className="actions">
          {run.end === 'open' && (
            <Button small busy={run.fetching} onClick={onRest}>
              {t('query.fetchRest')}
            </Button>
          )}
          {actions}
        </div>
      </div>
      {count === 0 ? (
        <Empty icon="table" title={t('query.noRowsTitle')}>
          {t('query.noRowsText')}
        </Empty>
      ) : view === 'grid' ? (
        <>
          <ResultGrid
            columns={answer.columns}
            rows={rows}
            count={count}
            label={t('query.gridLabel')}
            nothing="word"
            onNearEnd={onMore}
            onSelect={setSelection}
            onCopy={copyCells}
            onOpen={setViewed}
          />
          <p className="cell-note query-grid-help">{t('query.gridHelp')}</p>
        </>
      ) : (
        <Chart columns={answer.columns} rows={rows} count={count} isOpen={run.end === 'open'} />
      )}
      <End run={run} onLimit={onLimit} onAgain={onAgain} />
      {viewed && column && (
        <CellView
          column={column}
          row={viewed.row}
          value={rows.value(viewed.row, viewed.column) ?? null}
          onClose={() => setViewed(null)}
        />
      )}
    </>
  );
}

/** The grid of one answer, whose columns never change. */
function ResultGrid(props: Omit<GridProps, 'widths'> & { readonly rows: RowStore }) {
  return <Grid {...props} widths={useWidths(props.columns, props.rows)} />;
}

function Warnings({ run: { answer } }: { run: Rows }) {
  return answer.warnings.map((warning) => (
    <Note key={warning} tone={warning === 'superuser' ? 'bad' : 'warn'}>
      {warning === 'superuser' && (
        <p className="notice-title">{t('query.warning.superuserTitle', { role: answer.role })}</p>
      )}
      <p>
        {warning === 'superuser'
          ? t('query.warning.superuser')
          : t(`query.warning.${warning}`, { role: answer.role })}
      </p>
    </Note>
  ));
}

interface EndProps {
  readonly run: Rows;
  readonly onLimit: (limit: number) => void;
  readonly onAgain: () => void;
}

/** What is behind the last row: more than was asked for, or something that is closed by now. */
function End({ run, onLimit, onAgain }: EndProps) {
  const again = (
    <Button small icon="sync" onClick={onAgain}>
      {t('query.runAgain')}
    </Button>
  );
  if (run.error) {
    return (
      <ErrorNotice
        error={run.error}
        stillWorks={t('query.pageFailed', { count: formatNumber(run.count) })}
        actions={again}
        urgent
      />
    );
  }
  if (run.end === 'gone') {
    return (
      <Note tone="info">
        <p>{t('query.gone', { count: formatNumber(run.count) })}</p>
        <p>{again}</p>
      </Note>
    );
  }
  if (run.end !== 'limit') return null;
  const next = Math.min(mostQueryRows, run.limit * 10);
  return (
    <Note tone="info">
      <p className="notice-title">{t('query.limitReached', { count: formatNumber(run.limit) })}</p>
      {next > run.limit ? (
        <p>
          <Button small onClick={() => onLimit(next)}>
            {t('query.limitRaise', { count: formatNumber(next) })}
          </Button>
        </p>
      ) : (
        <p>{t('query.limitHighest')}</p>
      )}
    </Note>
  );
}
