import { useState } from 'react';
import type { AppInfo, VaultStatus } from '../../preload/contract/models.ts';
import { useAccess } from '../access.ts';
import { useAction, useCall } from '../api.ts';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy.tsx';
import { Confirm } from '../components/dialogs.tsx';
import { ErrorNotice, Note } from '../components/error-notice.tsx';
import { RadioField } from '../components/fields.tsx';
import { Card, Loaded, Page } from '../components/page.tsx';
import { Status, Tag } from '../components/status.tsx';
import { useNotify } from '../components/toasts.tsx';
import { vaultLook } from '../components/vault-state.tsx';
import { t } from '../i18n/index.ts';
import { themes, useTheme } from '../theme.tsx';

export function Settings() {
  const info = useCall('app.info', {});
  const vault = useCall('vault.status', {});
  const [theme, choose] = useTheme();
  return (
    <Page title={t('settings.title')}>
      <div className="stack settings">
        <Card title={t('settings.appearance')}>
          <RadioField
            legend={t('theme.label')}
            value={theme}
            onChange={choose}
            options={themes.map((value) => ({
              value,
              label: t(`theme.${value}`),
              ...(value === 'system' ? { help: t('theme.systemHelp') } : {}),
            }))}
          />
        </Card>
        <Loaded call={vault} rows={3}>
          {(status) => <Vault status={status} />}
        </Loaded>
        <Loaded call={info} rows={3}>
          {(data) => (
            <>
              <You info={data} />
              <About info={data} />
            </>
          )}
        </Loaded>
      </div>
    </Page>
  );
}

function Vault({ status }: { status: VaultStatus }) {
  const notify = useNotify();
  const blocked = useAccess().reason('manage_vault');
  const [asking, setAsking] = useState(false);
  const rotate = useAction((client) => client.vault.rotate());
  const confirm = async () => {
    const renewed = await rotate.run();
    if (!renewed) return;
    setAsking(false);
    notify.done(t('vault.rotatedToast', { count: renewed.secrets, version: renewed.keyVersion }));
  };
  const look = vaultLook[status.state];
  const locked = status.state === 'locked' ? t('vault.lockedRotate') : undefined;
  return (
    <Card
      title={t('vault.title')}
      action={
        <Button small icon="key" blocked={blocked ?? locked} onClick={() => setAsking(true)}>
          {t('vault.rotate')}
        </Button>
      }
    >
      <div className="stack-tight">
        <p>
          <Status tone={look.tone} icon={look.icon}>
            {t(`vault.state.${status.state}`)}
          </Status>
        </p>
        <p className="muted">{t(`vault.explain.${status.state}`)}</p>
        {status.explanation !== null && (
          <Note tone={status.state === 'locked' ? 'bad' : 'warn'}>
            <p>{status.explanation}</p>
          </Note>
        )}
        <dl className="facts facts-line">
          <div>
            <dt>{t('vault.protector')}</dt>
            <dd>{status.protector}</dd>
          </div>
          <div>
            <dt>{t('vault.secrets')}</dt>
            <dd>{t('vault.secretCount', { count: status.secrets })}</dd>
          </div>
          <div>
            <dt>{t('vault.keyVersion')}</dt>
            <dd>{status.keyVersion}</dd>
          </div>
        </dl>
      </div>
      <Confirm
        open={asking}
        title={t('vault.rotateTitle')}
        confirm={t('vault.rotate')}
        busy={rotate.busy}
        onClose={() => {
          setAsking(false);
          rotate.reset();
        }}
        onConfirm={() => void confirm()}
      >
        <p>{t('vault.rotateText', { count: status.secrets })}</p>
        {rotate.error && <ErrorNotice error={rotate.error} stillWorks={t('vault.rotateFailed')} urgent />}
      </Confirm>
    </Card>
  );
}

function You({ info }: { info: AppInfo }) {
  return (
    <Card title={t('settings.you')}>
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
    </Card>
  );
}

function About({ info }: { info: AppInfo }) {
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
