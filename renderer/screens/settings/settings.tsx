import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { DensityField } from '../../components/density-choice.tsx';
import { RadioField } from '../../components/fields.tsx';
import { LanguageField } from '../../components/language-choice.tsx';
import { Card, Loaded, Page } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import type { Route } from '../../router.ts';
import { themes, useTheme } from '../../theme.tsx';
import { About } from './about.tsx';
import { BackgroundCard } from './background.tsx';
import { EmailCard } from './email.tsx';
import {
  goToSection,
  type Indexed,
  SettingsIndex,
  sectionId,
  sectionsWith,
  useReadSection,
} from './index-list.tsx';
import { Limits } from './limits.tsx';
import { NotificationsCard } from './notifications.tsx';
import { PolicyCard } from './policy.tsx';
import { ProxyCard } from './proxy.tsx';
import { RetentionCard } from './retention.tsx';
import { TimetableCard } from './timetable.tsx';
import { Vault } from './vault.tsx';
import { WebhookCard } from './webhook.tsx';
import { You } from './you.tsx';

interface Section extends Indexed {
  /** Whether what it says was read: only then there is something to lead to. */
  readonly ready: boolean;
  readonly body: ReactNode;
}

/** Everything that can be set, in sections with an index: `#/settings/<section>` is the address of each. */
export function Settings({ route }: { route: Route }) {
  const sections = useSections();
  const [search, setSearch] = useState('');
  const wanted = route.parts[1] ?? route.query.get('show') ?? undefined;
  const shown = sections.find(({ id }) => id === wanted);
  const read = useReadSection(sections, shown?.id);
  const fitting = sectionsWith(sections, search);
  const key = shown?.ready ? shown.id : undefined;
  const latest = useRef(shown);
  latest.current = shown;
  useEffect(() => {
    if (key === undefined) return undefined;
    // A frame later: the page takes the focus to its title first.
    const frame = requestAnimationFrame(() => {
      if (latest.current) goToSection(latest.current.id);
    });
    return () => cancelAnimationFrame(frame);
  }, [key]);
  return (
    <Page title={t('settings.title')}>
      <div className="settings-room">
        <SettingsIndex sections={fitting} current={read} search={search} onSearch={setSearch} />
        <div className="stack settings">
          {fitting.length === 0 && <p>{t('settings.findNone', { search: search.trim() })}</p>}
          {sections.map(({ id, body }) => (
            // What does not fit stays where it is, unseen: what was typed in it is not lost.
            <div
              key={id}
              id={sectionId(id)}
              tabIndex={-1}
              className="settings-section place"
              hidden={!fitting.some((each) => each.id === id)}
            >
              {body}
            </div>
          ))}
        </div>
      </div>
    </Page>
  );
}

/** The sections that there are for whoever looks, in their order. */
function useSections(): readonly Section[] {
  const info = useCall('app.info', {});
  const vault = useCall('vault.status', {});
  const policy = useCall('policy.get', {});
  const proxy = useCall('policy.proxy', {});
  const background = useCall('app.background', {});
  const retention = useCall('policy.retention', {});
  const timetable = useCall('timetable.get', {});
  const preferences = useCall('notices.preferences', {});
  const mayManage = useAccess().may('manage_vault');
  const channels = useCall('notices.channels', mayManage ? {} : null);
  const section = <T,>(
    id: string,
    title: string,
    call: Parameters<typeof Loaded<T>>[0]['call'],
    draw: (data: T) => ReactNode,
  ): Section => ({
    ...{ id, title, ready: call.data !== undefined },
    body: (
      <Loaded call={call} rows={3}>
        {draw}
      </Loaded>
    ),
  });
  return [
    { id: 'appearance', title: t('settings.appearance'), ready: true, body: <Appearance /> },
    ...(background.data?.isPossible === true
      ? [
          section('background', t('background.title'), background, (data) => (
            <BackgroundCard background={data} />
          )),
        ]
      : []),
    section('you', t('settings.you'), info, (data) => <You info={data} />),
    section('notifications', t('notify.title'), preferences, (data) => (
      <NotificationsCard preferences={data} />
    )),
    ...(mayManage
      ? [
          section('email', t('email.title'), channels, (data) => <EmailCard email={data.email} />),
          section('webhook', t('webhook.title'), channels, (data) => <WebhookCard webhook={data.webhook} />),
        ]
      : []),
    section('vault', t('vault.title'), vault, (data) => <Vault status={data} />),
    { id: 'limits', title: t('limits.title'), ready: true, body: <Limits /> },
    section('policy', t('policy.title'), policy, (data) => <PolicyCard policy={data} />),
    section('proxy', t('proxy.title'), proxy, (data) => <ProxyCard proxy={data} />),
    section('retention', t('retention.title'), retention, (data) => <RetentionCard retention={data} />),
    section('timetable', t('timetable.title'), timetable, (data) => <TimetableCard timetable={data} />),
    section('about', t('settings.about'), info, (data) => <About info={data} />),
  ];
}

function Appearance() {
  const [theme, choose] = useTheme();
  return (
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
  );
}
