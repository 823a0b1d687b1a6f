import type { Connection, ConnectionTest } from '../../../preload/contract/models.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { formatDuration } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { HostKey } from '../connection-page/host-key.tsx';
import { FixSql, Ladder } from '../connection-page/ladder.tsx';
import { type FixField, fixFields, fixOf, mayGoPlain } from './fixes.ts';

interface TestResultProps {
  readonly result: ConnectionTest;
  readonly connection: Pick<Connection, 'id' | 'may' | 'host' | 'tlsMode'>;
  readonly onRetest: () => void;
  /** Leads to the field that the broken rung is about. */
  readonly onFix: (field: FixField) => void;
  /** Tries again without encryption; offered only where nobody between the two could listen. */
  readonly onWithoutTls: () => void;
}

/** The answer of a test, said where the form is. */
export function TestResult({ result, connection, onRetest, onFix, onWithoutTls }: TestResultProps) {
  if (!result.ok) {
    return (
      <>
        {result.hostKey ? (
          <div role="alert">
            <HostKey connection={connection} question={result.hostKey} onAccepted={onRetest} />
          </div>
        ) : (
          result.error && (
            <ErrorNotice
              error={result.error}
              stillWorks={t('connections.savedAnyway')}
              urgent
              actions={
                <Fixes
                  result={result}
                  host={connection.host}
                  fields={fixFields}
                  {...{ onFix, onWithoutTls }}
                />
              }
            />
          )
        )}
        {result.fixSql !== null && <FixSql sql={result.fixSql} />}
        <Ladder rungs={result.rungs} />
      </>
    );
  }
  return (
    <div role="status">
      <Note tone={result.warnings.length > 0 ? 'warn' : 'ok'}>
        <p className="notice-title">{t('connections.testOk')}</p>
        <p>
          {result.latencyMs !== null &&
            t('connections.answeredIn', { time: formatDuration(result.latencyMs) })}{' '}
          {result.serverVersion !== null && t('connections.server', { version: result.serverVersion })}
        </p>
        {result.warnings.length > 0 && (
          <ul className="notice-list">
            {result.warnings.map((warning, at) => (
              <li key={warning}>{sentence(result.warned?.[at], warning)}</li>
            ))}
          </ul>
        )}
      </Note>
    </div>
  );
}

interface FixesProps<F extends FixField> {
  readonly result: Pick<ConnectionTest, 'rungs'>;
  readonly host: string;
  /** Those that there are to be led to. */
  readonly fields: readonly F[];
  readonly onFix: (field: F) => void;
  readonly onWithoutTls: () => void;
}

/** What puts the broken rung right, where something here can. */
export function Fixes<F extends FixField>({ result, host, fields, onFix, onWithoutTls }: FixesProps<F>) {
  const field = fixOf(result.rungs, fields);
  return (
    <>
      {mayGoPlain(result, host) && (
        <Button small icon="unlock" onClick={onWithoutTls}>
          {t('setup.withoutTls')}
        </Button>
      )}
      {field !== undefined && (
        <Button small icon="edit" onClick={() => onFix(field)}>
          {t(`setup.fix.${field as FixField}`)}
        </Button>
      )}
    </>
  );
}
