import { type ReactNode, useEffect, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Spinner } from '../../components/icons.tsx';
import { Empty } from '../../components/page.tsx';
import { formatDuration } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import type { KnownTable } from './editor/completion.ts';
import type { Asked } from './editor/parameters.ts';
import { startersFor } from './editor/starters.ts';
import { Plan } from './result/plan.tsx';
import { Problem } from './result/problem.tsx';
import { Result } from './result/result.tsx';
import type { Run, Runner } from './result/run.ts';

interface OutcomeProps {
  readonly run: Run;
  readonly runner: Runner;
  readonly text: string;
  readonly tables: readonly KnownTable[];
  readonly onGo: (at: number) => void;
  readonly onCorrect: (place: { from: number; to: number }, meant: string) => void;
  readonly onStart: (sql: string) => void;
  readonly onLimit: (limit: number) => void;
  readonly onAgain: (statement: Asked) => void;
  /** What can be done with an answer beside looking at it. */
  readonly actions: ReactNode;
}

/** What came of a query, whatever it was. */
export function Outcome(props: OutcomeProps) {
  const { run, runner, text, tables, onGo, onCorrect, onStart, onLimit, onAgain, actions } = props;
  switch (run.kind) {
    case 'idle':
      return <Starters tables={tables} onStart={onStart} />;
    case 'running':
      return (
        <div className="query-running" role="status">
          <Spinner />
          <Elapsed key={run.since} since={run.since} />
        </div>
      );
    case 'cancelled':
      return (
        <Empty
          icon="stop"
          title={t('query.cancelledTitle')}
          action={
            <Button icon="play" onClick={() => onAgain(run.statement)}>
              {t('query.runAgain')}
            </Button>
          }
        >
          {t('query.cancelledText')}
        </Empty>
      );
    case 'failed':
      return (
        <Problem
          error={run.error}
          statement={run.statement}
          text={text}
          onGo={onGo}
          onCorrect={onCorrect}
          actions={
            <Button small icon="play" onClick={() => onAgain(run.statement)}>
              {t('query.runAgain')}
            </Button>
          }
        />
      );
    case 'plan':
      return <Plan plan={run.plan} />;
    case 'rows':
      return (
        <Result
          // Another answer is another table: nothing of the one before it stays selected.
          key={run.answer.queryId}
          run={run}
          onMore={runner.more}
          onRest={runner.rest}
          onLimit={onLimit}
          onAgain={() => onAgain(run.statement)}
          actions={actions}
        />
      );
  }
}

function Elapsed({ since }: { since: number }) {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 500);
    return () => clearInterval(timer);
  }, []);
  // Said once; the clock beside it is only seen.
  return (
    <p>
      <span className="visually-hidden">{t('state.loading')}</span>
      <span aria-hidden="true">{t('query.running', { time: formatDuration(Math.max(0, now - since)) })}</span>
    </p>
  );
}

function Starters({ tables, onStart }: Pick<OutcomeProps, 'tables' | 'onStart'>) {
  const starters = startersFor(tables);
  return (
    <section className="query-starters" aria-label={t('query.starters')}>
      <h2>{t('query.idleTitle')}</h2>
      <p className="muted">{t(starters.length === 0 ? 'query.idleBare' : 'query.idleText')}</p>
      <ul>
        {starters.map(({ kind, table, sql }) => (
          <li key={`${kind} ${table}`}>
            <button type="button" className="query-starter" onClick={() => onStart(sql)}>
              <strong>{t(`query.starter.${kind}`)}</strong>
              <span className="code" translate="no">
                {table}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
