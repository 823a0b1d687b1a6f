import { Card } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';

/** The truth about what a lock, a role and a vault on one computer can do, and what they can't. */
export function Limits() {
  return (
    <Card title={t('limits.title')}>
      <div className="stack-tight limits">
        <h3>{t('limits.canTitle')}</h3>
        <ul className="bullets">
          <li>{t('limits.canDisk')}</li>
          <li>{t('limits.canPeople')}</li>
          <li>{t('limits.canLog')}</li>
        </ul>
        <h3>{t('limits.cannotTitle')}</h3>
        <ul className="bullets">
          <li>{t('limits.cannotMachine')}</li>
          <li>{t('limits.cannotRoles')}</li>
        </ul>
        <h3>{t('limits.realTitle')}</h3>
        <p>{t('limits.realText')}</p>
      </div>
    </Card>
  );
}
