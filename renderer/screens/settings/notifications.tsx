import { useState } from 'react';
import type {
  NoticeEvent,
  NoticePreferences,
  PartOfDay,
  PersonalChannel,
} from '../../../preload/contract/models.ts';
import { isTimeZone, timeOfDayShape } from '../../../preload/contract/times.ts';
import { useAction } from '../../api.ts';
import { CheckField, TextField } from '../../components/fields.tsx';
import { LanguageOf } from '../../components/language-choice.tsx';
import { formatList } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { languageNames } from '../../i18n/languages.ts';
import { useLanguage } from '../../language.tsx';
import { SettingCard, SettingForm, useSettingForm } from './setting-form.tsx';

const events = [
  ...(['failed', 'held', 'stale', 'sign_in_expiring', 'sign_in_expired'] as const),
  ...(['signer_left', 'connection_down', 'expiring_data'] as const),
] satisfies readonly NoticeEvent[];
const channels = ['desktop', 'email'] as const satisfies readonly PersonalChannel[];
type Field = 'email' | 'from' | 'zone';
const names = { email: 'email' } as const;

/** What a person is told beside their inbox, on which way, and when not. */
export function NotificationsCard({ preferences }: { preferences: NoticePreferences }) {
  return (
    <SettingCard
      title={t('notify.title')}
      lead={t('notify.lead')}
      edit={t('notify.editOf')}
      form={(close) => <Form preferences={preferences} onClose={close} />}
    >
      <Shown preferences={preferences} />
    </SettingCard>
  );
}

function Shown({ preferences }: { preferences: NoticePreferences }) {
  const { channels: chosen, email, language, quietHours } = preferences;
  return (
    <dl className="decisions">
      {events.map((event) => (
        <div key={event}>
          <dt>{t(`notify.event.${event}`)}</dt>
          <dd>
            {chosen[event].length === 0
              ? t('notify.inboxOnly')
              : formatList(chosen[event].map((channel) => t(`notify.channel.${channel}`)))}
          </dd>
        </div>
      ))}
      <div>
        <dt>{t('notify.address')}</dt>
        <dd translate="no">{email ?? t('notify.noAddress')}</dd>
      </div>
      {email !== null && language !== null && (
        <div>
          <dt>{t('notify.language')}</dt>
          <dd lang={language}>{languageNames[language]}</dd>
        </div>
      )}
      <div>
        <dt>{t('notify.quiet')}</dt>
        <dd>{quietHours === null ? t('notify.quietNone') : t('notify.quietFrom', quietHours)}</dd>
      </div>
    </dl>
  );
}

const usualQuiet = (): PartOfDay => ({
  ...{ from: '20:00', to: '07:00', zone: Intl.DateTimeFormat().resolvedOptions().timeZone },
});

function Form({ preferences, onClose }: { preferences: NoticePreferences; onClose: () => void }) {
  const [chosen, setChosen] = useState(preferences.channels);
  const [email, setEmail] = useState(preferences.email ?? '');
  const [isQuiet, setIsQuiet] = useState(preferences.quietHours !== null);
  const [quiet, setQuiet] = useState(() => preferences.quietHours ?? usualQuiet());
  const spoken = useLanguage().language;
  const [language, setLanguage] = useState(preferences.language ?? spoken);
  const address = email.trim();
  const save = useAction((client) =>
    client.notices.setPreferences({
      channels: chosen,
      email: address === '' ? null : address,
      language: address === '' ? null : language,
      quietHours: isQuiet ? quiet : null,
    }),
  );
  const wantsMail = events.some((event) => chosen[event].includes('email'));
  const state = useSettingForm<Field, unknown>({
    ...{ names, save, onClose, saved: t('notify.savedToast') },
    check() {
      const isPart =
        timeOfDayShape.test(quiet.from) && timeOfDayShape.test(quiet.to) && quiet.from !== quiet.to;
      const found: Partial<Record<Field, string>> = {
        ...(wantsMail && address === '' ? { email: t('notify.addressFirst') } : {}),
        ...(address !== '' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address)
          ? { email: t('notify.addressInvalid') }
          : {}),
        ...(isQuiet && !isPart ? { from: t('schedule.quietInvalid') } : {}),
        ...(isQuiet && !isTimeZone(quiet.zone) ? { zone: t('schedule.zoneInvalid') } : {}),
      };
      return found;
    },
  });
  const { problems } = state;
  const toggle = (event: NoticeEvent, channel: PersonalChannel, on: boolean) =>
    setChosen({
      ...chosen,
      [event]: channels.filter((each) => (each === channel ? on : chosen[event].includes(each))),
    });
  return (
    <SettingForm state={state}>
      <table className="notify-table">
        <thead>
          <tr>
            <th scope="col">{t('notify.what')}</th>
            {channels.map((channel) => (
              <th scope="col" key={channel}>
                {t(`notify.channel.${channel}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={event}>
              <th scope="row">{t(`notify.event.${event}`)}</th>
              {channels.map((channel) => (
                <td key={channel}>
                  <input
                    type="checkbox"
                    aria-label={t('notify.channelOf', {
                      event: t(`notify.event.${event}`),
                      channel: t(`notify.channel.${channel}`),
                    })}
                    checked={chosen[event].includes(channel)}
                    onChange={({ target }) => toggle(event, channel, target.checked)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <TextField
        label={t('notify.address')}
        help={t('notify.addressHelp')}
        type="email"
        optional
        translate="no"
        value={email}
        onChange={setEmail}
        error={problems.email}
      />
      {address !== '' && (
        <LanguageOf
          label={t('notify.language')}
          help={t('notify.languageHelp')}
          value={language}
          onChange={setLanguage}
        />
      )}
      <CheckField
        label={t('notify.quietOn')}
        help={t('notify.quietHelp')}
        checked={isQuiet}
        onChange={setIsQuiet}
      />
      {isQuiet && (
        <>
          <TextField
            label={t('schedule.from')}
            type="time"
            value={quiet.from}
            onChange={(from) => setQuiet({ ...quiet, from })}
            error={problems.from}
          />
          <TextField
            label={t('schedule.to')}
            type="time"
            value={quiet.to}
            onChange={(to) => setQuiet({ ...quiet, to })}
          />
          <TextField
            label={t('schedule.zone')}
            help={t('schedule.zoneHelp')}
            translate="no"
            value={quiet.zone}
            onChange={(zone) => setQuiet({ ...quiet, zone: zone.trim() })}
            error={problems.zone}
          />
        </>
      )}
    </SettingForm>
  );
}
