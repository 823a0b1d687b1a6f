import { useState } from 'react';
import type { AppInfo } from '../../../preload/contract/models.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/page.tsx';
import { useSeat } from '../../components/session/lock-session.tsx';
import { SetPassphrase } from '../../components/session/reauth-passphrase.tsx';
import { Status, Tag } from '../../components/status.tsx';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';

/** Who sits here, as what, and one's own passphrase. */
export function You({ info }: { info: AppInfo }) {
  const { session } = useSeat();
  const [setting, setSetting] = useState(false);
  const has = session?.hasPassphrase === true;
  return (
    <Card
      title={t('settings.you')}
      action={
        <Button small icon="key" onClick={() => setSetting(true)}>
          {t(has ? 'passphrase.change' : 'passphrase.set')}
        </Button>
      }
    >
      <p className="settings-name">{info.person.name}</p>
      <ul className="stack-tight">
        {info.person.roles.map((role) => (
          <li key={role} className="settings-role">
            <Tag tone="info">{t(`role.${role}`)}</Tag>
            <span className="muted">{t(`role.explain.${role}`)}</span>
          </li>
        ))}
      </ul>
      {info.person.roles.length === 0 && <p className="muted">{t('settings.noRoles')}</p>}
      <div className="settings-passphrase">
        {has ? (
          <Status tone="ok" icon="lock">
            {t('you.hasPassphrase')}
          </Status>
        ) : (
          <Status tone="warn" icon="unlock">
            {t('you.noPassphrase')}
          </Status>
        )}
        <p className="muted">
          {has ? t('you.locksAfter', { count: session.idleLockMinutes }) : t('you.noPassphraseText')}{' '}
          <a href={href('people')}>{t('you.people')}</a>
        </p>
      </div>
      {setting && <SetPassphrase person={info.person} onClose={() => setSetting(false)} />}
    </Card>
  );
}
