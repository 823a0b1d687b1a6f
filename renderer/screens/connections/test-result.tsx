import type { Connection, ConnectionTest } from '../../../preload/contract/models.ts';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { formatDuration } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { HostKey } from '../connection-page/host-key.tsx';
import { FixSql, Ladder } from '../connection-page/ladder.tsx';

interface TestResultProps {
  readonly result: ConnectionTest;
  readonly connection: Pick<Connection, 'id' | 'may'>;
  readonly onRetest: () => void;
}

/** The answer of a test, said where the form is. */
export function TestResult({ result, connection, onRetest }: TestResultProps) {
  if (!result.ok) {
    return (
      <>
        {result.hostKey ? (
          <div role="alert">
            <HostKey connection={connection} question={result.hostKey} onAccepted={onRetest} />
          </div>
        ) : (
          result.error && (
            <ErrorNotice error={result.error} stillWorks={t('connections.savedAnyway')} urgent />
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
