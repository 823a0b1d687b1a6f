import { useRef, useState } from 'react';
import type { Policy } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { RadioField, TextField } from '../../components/fields.tsx';
import { Icon } from '../../components/icons.tsx';
import { Card } from '../../components/page.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';

type Field = Exclude<keyof Policy, 'fixed'>;
const fields = ['reveal', 'idleLockMinutes', 'healthMinutes'] as const satisfies readonly Field[];
const names = {
  reveal: 'reveal',
  idleLockMinutes: 'idleLockMinutes',
  healthMinutes: 'healthMinutes',
} as const;

/** What the core takes, in minutes. */
const limits = { idleLockMinutes: [1, 480], healthMinutes: [0, 1440] } as const;

type Typed = { readonly [F in Field]: string };
const typedOf = (policy: Policy): Typed => ({
  reveal: policy.reveal,
  idleLockMinutes: String(policy.idleLockMinutes),
  healthMinutes: String(policy.healthMinutes),
});

/** What holds for everybody in this workspace. What the computer's policy file decides is only shown. */
export function PolicyCard({ policy }: { policy: Policy }) {
  const blocked = useAccess().reason('manage_vault');
  const [editing, setEditing] = useState(false);
  const free = fields.some((field) => !policy.fixed.includes(field));
  return (
    <Card
      title={t('policy.title')}
      action={
        !editing && (
          <Button
            small
            icon="edit"
            blocked={blocked ?? (free ? undefined : t('policy.allFixed'))}
            onClick={() => setEditing(true)}
          >
            {t('policy.edit')}
          </Button>
        )
      }
    >
      <p className="muted settings-lead">{t('policy.lead')}</p>
      {editing ? (
        <Form policy={policy} onClose={() => setEditing(false)} />
      ) : (
        <dl className="decisions">
          {fields.map((field) => (
            <div key={field}>
              <dt>{t(`policy.${field}`)}</dt>
              <dd>
                {said(policy, field)}
                {policy.fixed.includes(field) && <Fixed />}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}

function said(policy: Policy, field: Field): string {
  if (field === 'reveal') return t(`policy.reveal.${policy.reveal}`);
  if (field === 'idleLockMinutes') return t('policy.idleAfter', { count: policy.idleLockMinutes });
  return t('policy.healthEvery', { count: policy.healthMinutes });
}

function Fixed() {
  return (
    <span className="cell-note fixed">
      <Icon name="lock" size={14} />
      {t('policy.fixed')}
    </span>
  );
}

function Form({ policy, onClose }: { policy: Policy; onClose: () => void }) {
  const notify = useNotify();
  const [typed, setTyped] = useState(() => typedOf(policy));
  const [problems, setProblems] = useState<Partial<Record<Field, string>>>({});
  const form = useRef<HTMLFormElement>(null);
  const save = useAction((client) => {
    const free = <F extends Field>(field: F, value: Policy[F]) =>
      policy.fixed.includes(field) ? {} : { [field]: value };
    return client.policy.set({
      ...free('reveal', typed.reveal as Policy['reveal']),
      ...free('idleLockMinutes', Number(typed.idleLockMinutes)),
      ...free('healthMinutes', Number(typed.healthMinutes)),
    });
  });
  const rest = useRefusal(save.error, names, setProblems, form);
  const done = useWhileThere(onClose);
  const submit = async (): Promise<void> => {
    const found: Partial<Record<Field, string>> = {};
    for (const field of ['idleLockMinutes', 'healthMinutes'] as const) {
      const [least, most] = limits[field];
      const value = Number(typed[field]);
      if (policy.fixed.includes(field)) continue;
      if (!/^\d+$/.test(typed[field].trim()) || value < least || value > most) {
        found[field] = t('policy.minutesInvalid', { least, most });
      }
    }
    setProblems(found);
    if (Object.keys(found).length > 0) {
      focusFirstInvalid(form.current);
      return;
    }
    if (!(await save.run())) return;
    done();
    notify.done(t('policy.savedToast'));
  };
  const change = (field: Field) => (value: string) => setTyped({ ...typed, [field]: value });
  const minutes = (field: 'idleLockMinutes' | 'healthMinutes') =>
    policy.fixed.includes(field) ? (
      <FixedField policy={policy} field={field} />
    ) : (
      <TextField
        label={t(`policy.${field}`)}
        help={t(`policy.help.${field}`)}
        inputMode="numeric"
        value={typed[field]}
        onChange={change(field)}
        error={problems[field]}
      />
    );
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
      {policy.fixed.includes('reveal') ? (
        <FixedField policy={policy} field="reveal" />
      ) : (
        <RadioField
          legend={t('policy.reveal')}
          value={typed.reveal}
          onChange={change('reveal')}
          options={(['allow', 'forbid'] as const).map((value) => ({
            value,
            label: t(`policy.reveal.${value}`),
            help: t(`policy.revealHelp.${value}`),
          }))}
        />
      )}
      {minutes('idleLockMinutes')}
      {minutes('healthMinutes')}
      <div className="actions">
        <Button tone="primary" type="submit" busy={save.busy}>
          {t('action.save')}
        </Button>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}

function FixedField({ policy, field }: { policy: Policy; field: Field }) {
  return (
    <div>
      <p className="field-label">{t(`policy.${field}`)}</p>
      <p>{said(policy, field)}</p>
      <Fixed />
    </div>
  );
}
