import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { DensityField } from '../../components/density-choice.tsx';
import { RadioField } from '../../components/fields.tsx';
import { LanguageField } from '../../components/language-choice.tsx';
import { Card, Loaded, Page } from '../../components/page.tsx';
import { useShown } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import type { Route } from '../../router.ts';
import { themes, useTheme } from '../../theme.tsx';
import { About } from './about.tsx';
import { BackgroundCard } from './background.tsx';
import { EmailCard } from './email.tsx';
import { Limits } from './limits.tsx';
import { NotificationsCard } from './notifications.tsx';
import { PolicyCard } from './policy.tsx';
import { ProxyCard } from './proxy.tsx';
import { RetentionCard } from './retention.tsx';
import { TimetableCard } from './timetable.tsx';
import { Vault } from './vault.tsx';
import { WebhookCard } from './webhook.tsx';
import { You } from './you.tsx';

/** What `?show=` can name. */
const places = ['you', 'vault', 'policy', 'proxy', 'notifications'] as const;

export function Settings({ route }: { route: Route }) {
  const info = useCall('app.info', {});
  const vault = useCall('vault.status', {});
  const policy = useCall('policy.get', {});
  const proxy = useCall('policy.proxy', {});
  const background = useCall('app.background', {});
  const retention = useCall('policy.retention', {});
  const [theme, choose] = useTheme();
  const wanted = route.query.get('show');
  const timetable = useCall('timetable.get', {});
  const preferences = useCall('notices.preferences', {});
  const mayManage = useAccess().may('manage_vault');
  const channels = useCall('notices.channels', mayManage ? {} : null);
  const shown = places.find((each) => each === wanted);
  // A card comes after what it says was read: only then there is something to lead to.
  const there = {
    ...{ you: info.data, vault: vault.data, policy: policy.data, proxy: proxy.data },
    notifications: preferences.data,
  };
  const place = useShown<HTMLDivElement>(shown !== undefined && there[shown] !== undefined);
  const at = (name: (typeof places)[number]) =>
    name === shown ? { ref: place, tabIndex: -1, className: 'place' } : {};
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
          <DensityField />
          <LanguageField />
        </Card>
        {background.data?.isPossible === true && <BackgroundCard background={background.data} />}
        <div {...at('you')}>
          <Loaded call={info} rows={3}>
            {(data) => <You info={data} />}
          </Loaded>
        </div>
        <div {...at('notifications')}>
          <Loaded call={preferences} rows={3}>
            {(data) => <NotificationsCard preferences={data} />}
          </Loaded>
        </div>
        {mayManage && (
          <Loaded call={channels} rows={3}>
            {(data) => (
              <>
                <EmailCard email={data.email} />
                <WebhookCard webhook={data.webhook} />
              </>
            )}
          </Loaded>
        )}
        <div {...at('vault')}>
          <Loaded call={vault} rows={3}>
            {(status) => <Vault status={status} />}
          </Loaded>
        </div>
        <Limits />
        <div {...at('policy')}>
          <Loaded call={policy} rows={3}>
            {(data) => <PolicyCard policy={data} />}
          </Loaded>
        </div>
        <div {...at('proxy')}>
          <Loaded call={proxy} rows={3}>
            {(data) => <ProxyCard proxy={data} />}
          </Loaded>
        </div>
        <Loaded call={retention} rows={3}>
          {(data) => <RetentionCard retention={data} />}
        </Loaded>
        <Loaded call={timetable} rows={3}>
          {(data) => <TimetableCard timetable={data} />}
        </Loaded>
        <Loaded call={info} rows={3}>
          {(data) => <About info={data} />}
        </Loaded>
      </div>
    </Page>
  );
}
