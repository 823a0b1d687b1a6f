import { useState } from 'react';
import type { ProxyMode, ProxyView } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { RadioField, TextField } from '../../components/fields.tsx';
import { t } from '../../i18n/index.ts';
import { SettingCard, SettingForm, useSettingForm } from './setting-form.tsx';

const modes = ['system', 'environment', 'manual', 'none'] as const satisfies readonly ProxyMode[];
type Field = 'address' | 'user' | 'password' | 'exceptions';
const names = {
  address: 'address',
  user: 'user',
  password: 'password',
  exceptions: 'exceptions',
} as const;

/** Over what sources are reached; databases have jump hosts instead. */
export function ProxyCard({ proxy }: { proxy: ProxyView }) {
  const blocked = useAccess().reason('manage_vault');
  return (
    <SettingCard
      title={t('proxy.title')}
      lead={t('proxy.lead')}
      edit={t('proxy.edit')}
      blocked={blocked}
      form={(close) => <Form proxy={proxy} onClose={close} />}
    >
      <Shown proxy={proxy} />
    </SettingCard>
  );
}

function Shown({ proxy: { mode, address, user, exceptions } }: { proxy: ProxyView }) {
  return (
    <dl className="decisions">
      <div>
        <dt>{t('proxy.mode')}</dt>
        <dd>{mode === 'manual' ? <code translate="no">{address}</code> : t(`proxy.mode.${mode}`)}</dd>
      </div>
      {user !== null && (
        <div>
          <dt>{t('proxy.user')}</dt>
          <dd translate="no">{user}</dd>
        </div>
      )}
      {exceptions !== '' && (
        <div>
          <dt>{t('proxy.exceptions')}</dt>
          <dd translate="no">{exceptions}</dd>
        </div>
      )}
    </dl>
  );
}

function Form({ proxy, onClose }: { proxy: ProxyView; onClose: () => void }) {
  const [mode, setMode] = useState(proxy.mode);
  const [typed, setTyped] = useState<Readonly<Record<Field, string>>>({
    address: proxy.address ?? '',
    user: proxy.user ?? '',
    password: '',
    exceptions: proxy.exceptions,
  });
  const user = typed.user.trim();
  const save = useAction((client) =>
    client.policy.setProxy({
      mode,
      ...(mode === 'manual'
        ? {
            ...{ address: typed.address, exceptions: typed.exceptions, user: user === '' ? null : user },
            ...(user === '' || typed.password === '' ? {} : { password: typed.password }),
          }
        : {}),
    }),
  );
  const state = useSettingForm<Field, unknown>({
    ...{ names, save, onClose, saved: t('proxy.savedToast') },
    check: () => (mode === 'manual' && typed.address.trim() === '' ? { address: t('field.required') } : {}),
  });
  const { problems } = state;
  const field = (name: Field) => ({
    label: t(`proxy.${name}`),
    value: typed[name],
    onChange: (value: string) => setTyped({ ...typed, [name]: value }),
    error: problems[name],
    translate: 'no' as const,
  });
  return (
    <SettingForm state={state} className="form policy-form">
      <RadioField
        legend={t('proxy.mode')}
        value={mode}
        onChange={setMode}
        options={modes.map((value) => ({
          value,
          label: t(`proxy.mode.${value}`),
          help: t(`proxy.help.${value}`),
        }))}
      />
      {mode === 'manual' && (
        <>
          <TextField {...field('address')} inputMode="url" placeholder="http://proxy.example.org:3128" />
          <TextField {...field('user')} optional help={t('proxy.userHelp')} />
          {user !== '' && (
            <TextField
              {...field('password')}
              type="password"
              autoComplete="new-password"
              help={proxy.hasPassword ? t('proxy.passwordStored') : t('proxy.passwordHelp')}
            />
          )}
          <TextField {...field('exceptions')} optional help={t('proxy.exceptionsHelp')} />
        </>
      )}
    </SettingForm>
  );
}
