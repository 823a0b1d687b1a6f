import type { AppInfo } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Card } from '../../components/page.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';

export function About({ info }: { info: AppInfo }) {
  const notify = useNotify();
  const blocked = useAccess().reason('read_audit');
  const save = useAction((client, signal) => client.app.diagnostics({ save: true }, { signal }));
  const run = async (): Promise<void> => {
    const path = (await save.run())?.path ?? null;
    if (path !== null) notify.done(t('settings.diagnosticsSaved', { path }));
  };
  return (
    <Card
      title={t('settings.about')}
      action={
        <Button small busy={save.busy} blocked={blocked} onClick={() => void run()}>
          {t('settings.saveDiagnostics')}
        </Button>
      }
    >
      <div className="stack">
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
        <p className="muted">{t('settings.diagnosticsText')}</p>
        {save.error && <ErrorNotice error={save.error} urgent />}
      </div>
    </Card>
  );
}
