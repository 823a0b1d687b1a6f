import { useState } from 'react';
import type { EmailView } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { CheckField, RadioField, TextField } from '../../components/fields.tsx';
import { CertificateField } from '../../components/pem-fields.tsx';
import { t } from '../../i18n/index.ts';
import { LastMessage, TestButton } from './channel-parts.tsx';
import { SettingCard, SettingForm, useSettingForm } from './setting-form.tsx';

const securities = ['starttls', 'tls', 'none'] as const satisfies readonly EmailView['security'][];
type Field = 'host' | 'port' | 'from' | 'user' | 'password' | 'tlsCa';
const names = {
  host: 'host',
  port: 'port',
  from: 'from',
  user: 'user',
  password: 'password',
  tlsCa: 'tlsCa',
} as const;

/** The server that people's mail goes over. */
export function EmailCard({ email }: { email: EmailView }) {
  return (
    <SettingCard
      title={t('email.title')}
      lead={t('email.lead')}
      edit={t('email.edit')}
      form={(close) => <Form email={email} onClose={close} />}
    >
      <Shown email={email} />
    </SettingCard>
  );
}

function Shown({ email }: { email: EmailView }) {
  const { on, host, port, security, user, from, last } = email;
  const rows: (readonly [string, string])[] = [
    [t('webhook.state'), t(on ? 'webhook.isOn' : 'webhook.isOff')],
    ...(host === null
      ? []
      : ([
          [t('email.host'), `${host}:${port}`],
          [t('email.security'), t(`email.security.${security}`)],
        ] as const)),
    ...(from === null ? [] : ([[t('email.from'), from]] as const)),
    ...(user === null ? [] : ([[t('email.user'), user]] as const)),
  ];
  return (
    <div className="stack">
      <dl className="decisions">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd translate="no">{value}</dd>
          </div>
        ))}
        <LastMessage last={last} />
      </dl>
      {on && <TestButton channel="email" />}
    </div>
  );
}

function Form({ email, onClose }: { email: EmailView; onClose: () => void }) {
  const [on, setOn] = useState(email.on || email.host === null);
  const [security, setSecurity] = useState(email.security);
  const [typed, setTyped] = useState<Readonly<Record<Field, string>>>({
    ...{ host: email.host ?? '', port: String(email.port), from: email.from ?? '' },
    ...{ user: email.user ?? '', password: '', tlsCa: email.tlsCa ?? '' },
  });
  const user = typed.user.trim();
  const save = useAction((client) =>
    client.notices.setEmail({
      ...{ on, security, host: typed.host, port: Number(typed.port), from: typed.from.trim() },
      ...{ user: user === '' ? null : user, tlsCa: typed.tlsCa.trim() === '' ? null : typed.tlsCa },
      ...(user === '' || typed.password === '' ? {} : { password: typed.password }),
    }),
  );
  const state = useSettingForm<Field, unknown>({
    ...{ names, save, onClose, saved: t('email.savedToast') },
    check() {
      const port = Number(typed.port);
      const found: Partial<Record<Field, string>> = {
        ...(typed.host.trim() === '' ? { host: t('field.required') } : {}),
        ...(!Number.isInteger(port) || port < 1 || port > 65_535 ? { port: t('email.portInvalid') } : {}),
        ...(/^[^\s@]+@[^\s@]+$/.test(typed.from.trim()) ? {} : { from: t('notify.addressInvalid') }),
      };
      return found;
    },
  });
  const { problems } = state;
  const field = (name: Field) => ({
    label: t(name === 'tlsCa' ? 'channel.tlsCa' : `email.${name}`),
    value: typed[name],
    onChange: (value: string) => setTyped({ ...typed, [name]: value }),
    error: problems[name],
    translate: 'no' as const,
  });
  return (
    <SettingForm state={state}>
      <CheckField label={t('email.on')} checked={on} onChange={setOn} />
      <TextField {...field('host')} placeholder="smtp.example.org" />
      <TextField {...field('port')} inputMode="numeric" />
      <RadioField
        legend={t('email.security')}
        value={security}
        onChange={setSecurity}
        options={securities.map((value) => ({
          value,
          label: t(`email.security.${value}`),
          help: t(`email.securityHelp.${value}`),
        }))}
      />
      <TextField {...field('from')} type="email" placeholder="headgate@example.org" />
      <TextField {...field('user')} optional help={t('email.userHelp')} />
      {user !== '' && (
        <TextField
          {...field('password')}
          type="password"
          autoComplete="new-password"
          help={email.hasPassword ? t('email.passwordStored') : t('email.passwordHelp')}
        />
      )}
      <CertificateField {...field('tlsCa')} help={t('channel.tlsCaHelp')} optional />
    </SettingForm>
  );
}
