import { useState } from 'react';
import type { Policy } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { RadioField, TextField } from '../../components/fields.tsx';
import { Icon } from '../../components/icons.tsx';
import { t } from '../../i18n/index.ts';
import { SettingCard, SettingForm, useSettingForm } from './setting-form.tsx';

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
  const free = fields.some((field) => !policy.fixed.includes(field));
  return (
    <SettingCard
      title={t('policy.title')}
      lead={t('policy.lead')}
      blocked={blocked ?? (free ? undefined : t('policy.allFixed'))}
      form={(close) => <Form policy={policy} onClose={close} />}
    >
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
    </SettingCard>
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
  const [typed, setTyped] = useState(() => typedOf(policy));
  const save = useAction((client) => {
    const free = <F extends Field>(field: F, value: Policy[F]) =>
      policy.fixed.includes(field) ? {} : { [field]: value };
    return client.policy.set({
      ...free('reveal', typed.reveal as Policy['reveal']),
      ...free('idleLockMinutes', Number(typed.idleLockMinutes)),
      ...free('healthMinutes', Number(typed.healthMinutes)),
    });
  });
  const state = useSettingForm<Field, unknown>({
    ...{ names, save, onClose, saved: t('policy.savedToast') },
    check() {
      const found: Partial<Record<Field, string>> = {};
      for (const field of ['idleLockMinutes', 'healthMinutes'] as const) {
        const [least, most] = limits[field];
        const value = Number(typed[field]);
        if (policy.fixed.includes(field)) continue;
        if (!/^\d+$/.test(typed[field].trim()) || value < least || value > most) {
          found[field] = t('policy.minutesInvalid', { least, most });
        }
      }
      return found;
    },
  });
  const { problems } = state;
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
    <SettingForm state={state} className="form policy-form">
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
    </SettingForm>
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
