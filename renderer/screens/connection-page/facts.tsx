import type { ReactNode } from 'react';
import { engineTraits } from '../../../preload/contract/engines.ts';
import type { ConnectionDetail } from '../../../preload/contract/models.ts';
import { Card } from '../../components/page.tsx';
import { Time } from '../../components/time.tsx';
import { formatList } from '../../format.ts';
import { t } from '../../i18n/index.ts';

interface FactsProps {
  readonly connection: ConnectionDetail;
  /** The way to the stored user and password, for those who may. */
  readonly secret: ReactNode;
}

/** What is set for a connection, in words. */
export function Facts({ connection, secret }: FactsProps) {
  const { tlsCert, hasTlsKey, ssh, pool, folder, tags } = connection;
  const hops = ssh.map((hop) => `${hop.user}@${hop.host}${hop.port === 22 ? '' : `:${hop.port}`}`);
  return (
    <Card title={t('page.details')}>
      <div className="stack">
        {connection.description !== '' && <p>{connection.description}</p>}
        <dl className="facts">
          <Fact label={t('connections.engine')}>
            <span translate="no">{engineTraits[connection.engine].title}</span>
          </Fact>
          <Fact label={t('page.login')}>
            {t(connection.hasSecret ? 'page.loginSealed' : 'page.loginMissing')}
          </Fact>
          <Fact label={t('onboarding.label')}>{t(`onboarding.${connection.onboarding}`)}</Fact>
          <Fact label={t('page.tls')}>{t(`tls.${connection.tlsMode}`)}</Fact>
          {tlsCert !== null && (
            <Fact label={t('page.clientCert')}>
              {t(hasTlsKey ? 'page.clientCertThere' : 'page.clientCertNoKey')}
            </Fact>
          )}
          <Fact label={t('page.jumps')}>
            {hops.length === 0 ? t('page.jumpsNone') : <span translate="no">{hops.join(' → ')}</span>}
          </Fact>
          <Fact label={t('page.pool')}>
            {t('section.poolSummary', { size: pool.size, seconds: pool.statementTimeoutSeconds })}
          </Fact>
          <Fact label={t('page.access')}>
            {t(connection.access === 'everyone' ? 'sharing.everyone' : 'sharing.granted')}
          </Fact>
          {folder !== '' && <Fact label={t('page.folder')}>{folder}</Fact>}
          {tags.length > 0 && <Fact label={t('page.tags')}>{formatList(tags)}</Fact>}
          <Fact label={t('page.created')}>
            <Time at={connection.createdAt} />
          </Fact>
          <Fact label={t('page.changed')}>
            <Time at={connection.updatedAt} />
          </Fact>
        </dl>
        {secret !== undefined && connection.hasSecret && <div className="actions">{secret}</div>}
      </div>
    </Card>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
