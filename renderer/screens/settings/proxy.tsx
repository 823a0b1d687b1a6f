import { useRef, useState } from 'react';
import type { ProxyMode, ProxyView } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { RadioField, TextField } from '../../components/fields.tsx';
import { Card } from '../../components/page.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';

const modes = ['system', 'environment', 'manual', 'none'] as const satisfies readonly ProxyMode[];
type Field = 'address' | 'user' | 'password' | 'exceptions';
const names = {
  ...{ address: 'address', user: 'user', password: 'password', exceptions: 'exceptions' },
} as const;

/** Over what sources are reached; databases have jump hosts instead. */
export function ProxyCard({ proxy }: { proxy: ProxyView }) {
  const blocked = useAccess().reason('manage_vault');
  const [editing, setEditing] = useState(false);
  return (
    <Card
      title={t('proxy.title')}
      action={
        !editing && (
          <Button
            small
            icon="edit"
            blocked={blocked}
            aria-label={t('proxy.edit')}
            onClick={() => setEditing(true)}
          >
            {t('policy.edit')}
          </Button>
        )
      }
    >
      <p className="muted settings-lead">{t('proxy.lead')}</p>
      {editing ? <Form proxy={proxy} onClose={() => setEditing(false)} /> : <Shown proxy={proxy} />}
    </Card>
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
  const notify = useNotify();
  const [mode, setMode] = useState(proxy.mode);
  const [typed, setTyped] = useState<Readonly<Record<Field, string>>>({
    address: proxy.address ?? '',
    user: proxy.user ?? '',
    password: '',
    exceptions: proxy.exceptions,
  });
  const [problems, setProblems] = useState<Partial<Record<Field, string>>>({});
  const form = useRef<HTMLFormElement>(null);
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
  const rest = useRefusal(save.error, names, setProblems, form);
  const done = useWhileThere(onClose);
  const submit = async (): Promise<void> => {
    const empty = mode === 'manual' && typed.address.trim() === '';
    setProblems(empty ? { address: t('field.required') } : {});
    if (empty) return focusFirstInvalid(form.current);
    if (!(await save.run())) return;
    done();
    notify.done(t('proxy.savedToast'));
  };
  const field = (name: Field) => ({
    label: t(`proxy.${name}`),
    value: typed[name],
    onChange: (value: string) => setTyped({ ...typed, [name]: value }),
    error: problems[name],
    translate: 'no' as const,
  });
  return (
    <form
      className="form policy-form"
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {rest && <ErrorNotice error={rest} urgent />}
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
      <div className="actions">
        <Button tone="primary" type="submit" busy={save.busy}>
          {t('action.save')}
        </Button>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}
