import { useCall } from '../../api.ts';
import { CopyTextButton } from '../../components/copy.tsx';
import { Card } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { formatList } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { connectedText, signInWord } from './link-words.ts';
import type { TabProps } from './tab-props.ts';

/** Who reads with which account, who is missing, and which roles of the database may read. */
export function Access({ project, links }: TabProps) {
  const own = links.filter(({ link }) => link.credentialMode === 'user');
  return (
    <>
      <Card title={t('access.accounts')} flush>
        {links.length === 0 ? (
          <p className="muted card-text">{t('links.emptyTitle')}</p>
        ) : (
          <ul className="lines">
            {links.map((each) => (
              <Account key={each.link.id} watched={each} />
            ))}
          </ul>
        )}
      </Card>
      {own.length > 0 && (
        <Card
          title={t('access.invite')}
          action={
            <CopyTextButton
              label={t('access.copyInvite')}
              text={t('access.inviteText', {
                project: project.name,
                sources: formatList(own.map(({ link }) => link.sourceName)),
              })}
            />
          }
        >
          <p className="muted">{t('access.inviteHelp')}</p>
          <blockquote className="invite">
            {t('access.inviteText', {
              project: project.name,
              sources: formatList(own.map(({ link }) => link.sourceName)),
            })}
          </blockquote>
        </Card>
      )}
      <Readers project={project} links={links} />
    </>
  );
}

function Account({ watched: { link } }: { readonly watched: Watched }) {
  const works = link.signIn === 'valid';
  const { people } = link;
  return (
    <li className="line">
      <div className="line-state">
        {people === null ? (
          <Status tone={works ? 'ok' : 'bad'} icon={works ? 'checkCircle' : 'hand'}>
            {signInWord(link)}
          </Status>
        ) : (
          <Status
            tone={people.missing.length === 0 ? 'ok' : 'warn'}
            icon={people.missing.length === 0 ? 'checkCircle' : 'clock'}
          >
            {connectedText(people)}
          </Status>
        )}
      </div>
      <div className="line-text">
        <strong className="line-name">{link.sourceName}</strong>
        <span>{t(`links.mode.${link.credentialMode}`)}</span>
        {people !== null && people.connected.length > 0 && (
          <span>{t('access.connectedNames', { names: formatList(people.connected) })}</span>
        )}
        {people !== null && people.missing.length > 0 && (
          <span>{t('links.missing', { names: formatList(people.missing) })}</span>
        )}
      </div>
    </li>
  );
}

/** Roles of the database that may read, source by source, and where logins are lent. */
function Readers({ project, links }: Pick<TabProps, 'project' | 'links'>) {
  const connection = useCall('connections.get', { id: project.connectionId }).data;
  const roles = links.filter(({ link }) => link.syncConfig.readerRoles.length > 0);
  return (
    <Card title={t('access.readers')}>
      {roles.length === 0 && !connection?.lease ? (
        <p className="muted">{t('access.noReaders')}</p>
      ) : (
        <dl className="facts">
          {roles.map(({ link }) => (
            <div key={link.id}>
              <dt>{link.sourceName}</dt>
              <dd className="code" translate="no">
                {formatList(link.syncConfig.readerRoles)}
              </dd>
            </div>
          ))}
          {connection?.lease && (
            <div>
              <dt>{t('access.lent')}</dt>
              <dd>
                <a href={`${href('connections', project.connectionId)}?tab=leases`}>
                  {t('access.lentAs', { role: connection.lease.readerRole })}
                </a>
              </dd>
            </div>
          )}
        </dl>
      )}
    </Card>
  );
}
