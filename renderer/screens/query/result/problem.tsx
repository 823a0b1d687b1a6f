import type { ReactNode } from 'react';
import type { WireError } from '../../../../preload/contract/errors.ts';
import { Button } from '../../../components/button.tsx';
import { ErrorCode } from '../../../components/error-notice.tsx';
import { Icon } from '../../../components/icons.tsx';
import { TextWithTimes } from '../../../components/time.tsx';
import { t } from '../../../i18n/index.ts';
import { adviceOf, messageOf } from '../../../i18n/sentence.ts';
import { indexOfCharacter, type Statement, wordAt } from '../editor/statements.ts';

/** The place of a problem in the text of the editor; null where it has none. */
export function placeOf(error: WireError, statement: Statement): { from: number; to: number } | null {
  const position = error.query?.position;
  if (position === undefined) return null;
  const at = Math.min(indexOfCharacter(statement.sql, position), Math.max(0, statement.sql.length - 1));
  const word = wordAt(statement.sql, at);
  return { from: statement.from + word.from, to: statement.from + word.to };
}

function lineAndColumn(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}

interface ProblemProps {
  readonly error: WireError;
  readonly statement: Statement;
  /** What the editor has now: what was marked may be somewhere else by now. */
  readonly text: string;
  readonly onGo: (at: number) => void;
  readonly onCorrect: (place: { from: number; to: number }, meant: string) => void;
  readonly actions: ReactNode;
}

/** Why a query has no answer, in words: what happened, where, what was probably meant, what to do. */
export function Problem({ error, statement, text, onGo, onCorrect, actions }: ProblemProps) {
  const { query } = error;
  const refused = error.code === 'QUERY_REFUSED';
  const place = placeOf(error, statement);
  // Nothing is corrected in a text that is not the one that was run.
  const stands = place !== null && text.slice(statement.from, statement.to) === statement.sql;
  const where = place && lineAndColumn(text, place.from);
  const title = refused
    ? t('query.refused')
    : query?.trouble === undefined
      ? undefined
      : t(`query.trouble.${query.trouble}`);
  const meant = query?.meant ?? [];
  const tone = error.kind === 'transient' ? 'warn' : 'bad';
  return (
    <div className={`notice tone-${tone} query-problem`} role="alert">
      <Icon name={refused || error.kind === 'denied' ? 'shield' : 'failed'} size={18} />
      <div className="notice-body">
        {title !== undefined && <p className="notice-title">{title}</p>}
        <p className={title === undefined ? 'notice-title' : undefined}>
          <TextWithTimes text={messageOf(error)} />
        </p>
        {stands && meant.length > 0 && (
          <p className="query-meant">
            <span>{t('query.meant')}</span>
            {meant.slice(0, 4).map((name) => (
              <Button key={name} small onClick={() => onCorrect(place, name)}>
                {t('query.correct', { name })}
              </Button>
            ))}
          </p>
        )}
        <p>{adviceOf(error)}</p>
        <p className="notice-foot">
          <ErrorCode error={error} />
          {query?.sqlState !== undefined && (
            <span className="muted">{t('query.sqlState', { code: query.sqlState })}</span>
          )}
          {stands && where && (
            <>
              <span className="muted number">{t('query.place', where)}</span>
              <Button small onClick={() => onGo(place.from)}>
                {t('query.goTo')}
              </Button>
            </>
          )}
          {actions}
        </p>
      </div>
    </div>
  );
}
