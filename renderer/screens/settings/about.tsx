import type { AppInfo } from '../../../preload/contract/models.ts';
import { CopyButton } from '../../components/copy.tsx';
import { Card } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';

export function About({ info }: { info: AppInfo }) {
  return (
    <Card title={t('settings.about')}>
      <dl className="facts facts-line">
        <div>
          <dt>{t('settings.version')}</dt>
          <dd className="number">{info.version}</dd>
        </div>
        <div>
          <dt>{t('settings.host')}</dt>
          <dd>{t(`host.${info.host}`)}</dd>
        </div>
        <div>
          <dt>{t('settings.platform')}</dt>
          <dd translate="no">{info.platform}</dd>
        </div>
        <div>
          <dt>{t('settings.workspace')}</dt>
          <dd className="with-tag">
            <span className="code" translate="no">
              {info.workspaceId}
            </span>
            <CopyButton text={info.workspaceId} label={t('settings.copyWorkspace')} />
          </dd>
        </div>
      </dl>
    </Card>
  );
}
