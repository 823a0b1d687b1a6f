import { useState } from 'react';
import { engineTraits } from '../../../preload/contract/engines.ts';
import type { ConnectionDetail, ConnectionTest } from '../../../preload/contract/models.ts';
import { type Action, useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { Card } from '../../components/page.tsx';
import { Time } from '../../components/time.tsx';
import { formatDuration } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { messageOf, sentence } from '../../i18n/sentence.ts';
import { type FixField, fixFields } from '../connections/fixes.ts';
import { manageBlocked, notChecked, testBlocked } from '../connections/health.tsx';
import { Fixes } from '../connections/test-result.tsx';
import { TlsFacts } from './certificate.tsx';
import { HostKey } from './host-key.tsx';
import { Climbing, FixSql, Ladder, Warnings } from './ladder.tsx';
import { Insist } from './superuser.tsx';

interface TestCardProps {
  readonly connection: ConnectionDetail;
  readonly test: Action<[], ConnectionTest>;
  /** Leads to the field of the form that the broken rung is about. */
  readonly onFix: (field: FixField) => void;
}

/** The last test, step by step; where it stopped, why, and the one thing to do about it. */
export function TestCard({ connection, test, onFix }: TestCardProps) {
  const { lastTest, health } = connection;
  const unwatched = notChecked(connection);
  // What came of a test that was started here; those who hear the page learn it without looking for it.
  const [told, setTold] = useState('');
  const retest = async (): Promise<void> => {
    setTold('');
    const result = await test.run();
    if (result)
      setTold(
        result.ok ? t('connections.testOk') : result.error ? messageOf(result.error) : t('rung.failed'),
      );
  };
  // A check in the background looks only whether a session can be opened: it may know of trouble that came later.
  const since =
    lastTest && health.message !== null && health.checkedAt !== null && health.checkedAt > lastTest.at;
  return (
    <Card
      title={t('ladder.title')}
      action={
        test.busy ? (
          <Button small icon="stop" onClick={test.cancel}>
            {t('connections.cancelTest')}
          </Button>
        ) : (
          <Button
            small
            tone="primary"
            icon="sync"
            blocked={testBlocked(connection)}
            onClick={() => void retest()}
          >
            {t(lastTest && unwatched === null ? 'ladder.again' : 'ladder.first')}
          </Button>
        )
      }
    >
      <p className="visually-hidden" role="status">
        {told}
      </p>
      <div className="stack">
        {test.busy && <Climbing />}
        {test.error && <ErrorNotice error={test.error} urgent />}
        {!test.busy && since && lastTest.ok && (
          <Note tone="bad">
            <p className="notice-title">
              <Time at={health.checkedAt ?? lastTest.at} say={(time) => t('page.checkFailed', { time })} />
            </p>
            <p>{sentence(health.said, health.message ?? '')}</p>
            <p>{t('page.checkFailedHelp')}</p>
          </Note>
        )}
        {!test.busy && unwatched !== null && (
          <Note tone="info">
            <p className="notice-title">{unwatched}</p>
            <p>{t('health.testIsFree')}</p>
          </Note>
        )}
        {!test.busy && !lastTest && <p className="muted">{t('ladder.never')}</p>}
        {test.busy ? (
          <Ladder rungs={null} readOnly={onlyReads(connection)} />
        ) : (
          lastTest && <LastTest connection={connection} onRetest={() => void retest()} onFix={onFix} />
        )}
      </div>
    </Card>
  );
}

interface LastTestProps extends Pick<TestCardProps, 'connection' | 'onFix'> {
  readonly onRetest: () => void;
}

function LastTest({ connection, onRetest, onFix }: LastTestProps) {
  const plain = useAction((client) => client.connections.update({ id: connection.id, tlsMode: 'disable' }));
  const withoutTls = async (): Promise<void> => {
    if (await plain.run()) onRetest();
  };
  const { lastTest: test, tlsMode } = connection;
  const readOnly = onlyReads(connection);
  if (!test) return null;
  const failedTls = test.rungs.some((rung) => rung.name === 'tls' && rung.state === 'failed');
  return (
    <>
      {test.hostKey ? (
        <HostKey connection={connection} question={test.hostKey} onAccepted={onRetest} />
      ) : (
        test.error && (
          <ErrorNotice
            error={test.error}
            actions={
              manageBlocked(connection) === undefined && (
                <Fixes
                  result={test}
                  host={connection.host}
                  fields={fixFields}
                  onFix={onFix}
                  onWithoutTls={() => void withoutTls()}
                />
              )
            }
          />
        )
      )}
      {plain.error && <ErrorNotice error={plain.error} urgent />}
      {test.fixSql !== null && <FixSql sql={test.fixSql} />}
      {test.error?.code === 'TARGET_SUPERUSER' && <Insist connection={connection} onInsisted={onRetest} />}
      <Warnings test={test} />
      <Ladder rungs={test.rungs} readOnly={readOnly} />
      <dl className="facts facts-line">
        <div>
          <dt className="visually-hidden">{t('history.at')}</dt>
          <dd className="muted">
            <Time at={test.at} say={(time) => t('ladder.at', { time })} />
          </dd>
        </div>
        {test.latencyMs !== null && (
          <div>
            <dt>{t('ladder.latency')}</dt>
            <dd className="number">{formatDuration(test.latencyMs)}</dd>
          </div>
        )}
        {test.serverVersion !== null && (
          <div>
            <dt>{t('ladder.version')}</dt>
            <dd>{test.serverVersion}</dd>
          </div>
        )}
      </dl>
      {test.tls && (
        <TlsFacts
          connection={connection}
          tls={test.tls}
          issuerHelps={failedTls || tlsMode === 'require'}
          onTrusted={onRetest}
        />
      )}
    </>
  );
}

/** Nothing is ever written through it: by what is set, or because nothing is landed in that kind of database. */
const onlyReads = ({ readOnly, engine }: ConnectionDetail): boolean =>
  readOnly || !engineTraits[engine].lands;
