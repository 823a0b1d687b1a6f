import type { ConnectionTest } from '../../../preload/contract/models.ts';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { formatDuration } from '../../format.ts';
import { t } from '../../i18n/index.ts';

/** The answer of a test, said where the form is. */
export function TestResult({ result }: { result: ConnectionTest }) {
  if (!result.ok) {
    return (
      result.error && <ErrorNotice error={result.error} stillWorks={t('connections.savedAnyway')} urgent />
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
            {result.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        )}
      </Note>
    </div>
  );
}
