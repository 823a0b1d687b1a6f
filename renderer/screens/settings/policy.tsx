import { useState } from 'react';
import type { Policy } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { RadioField, TextField } from '../../components/fields.tsx';
import { Icon } from '../../components/icons.tsx';
import { t } from '../../i18n/index.ts';
import { SettingCard, SettingForm, useSettingForm } from './setting-form.tsx';

type Field = Exclude<keyof Policy, 'fixed'>;
const fields = [
  ...(['reveal', 'idleLockMinutes', 'healthMinutes'] as const),
  ...(['queriesAnHour', 'queryLiterals'] as const),
] as const satisfies readonly Field[];
const names = {
  reveal: 'reveal',
  idleLockMinutes: 'idleLockMinutes',
  healthMinutes: 'healthMinutes',
  queriesAnHour: 'queriesAnHour',
  queryLiterals: 'queryLiterals',
} as const;

/** What the core takes. */
const limits = { idleLockMinutes: [1, 480], healthMinutes: [0, 1440], queriesAnHour: [1, 10_000] } as const;
const numbers = ['idleLockMinutes', 'healthMinutes', 'queriesAnHour'] as const;

type Typed = { readonly [F in Field]: string };
const typedOf = (policy: Policy): Typed => ({
  reveal: policy.reveal,
  idleLockMinutes: String(policy.idleLockMinutes),
  healthMinutes: String(policy.healthMinutes),
  queriesAnHour: String(policy.queriesAnHour),
  queryLiterals: policy.queryLiterals,
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
  if (field === 'queriesAnHour') return t('policy.queriesAnHourSaid', { count: policy.queriesAnHour });
  if (field === 'queryLiterals') return t(`policy.queryLiterals.${policy.queryLiterals}`);
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
      ...free('queriesAnHour', Number(typed.queriesAnHour)),
      ...free('queryLiterals', typed.queryLiterals as Policy['queryLiterals']),
    });
  });
  const state = useSettingForm<Field, unknown>({
    ...{ names, save, onClose, saved: t('policy.savedToast') },
    check() {
      const found: Partial<Record<Field, string>> = {};
      for (const field of numbers) {
        const [least, most] = limits[field];
        const value = Number(typed[field]);
        if (policy.fixed.includes(field)) continue;
        if (!/^\d+$/.test(typed[field].trim()) || value < least || value > most) {
          found[field] = t('policy.numberInvalid', { least, most });
        }
      }
      return found;
    },
  });
  const { problems } = state;
  const change = (field: Field) => (value: string) => setTyped({ ...typed, [field]: value });
  const number = (field: (typeof numbers)[number]) =>
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
  const choice = <F extends 'reveal' | 'queryLiterals'>(field: F, values: readonly Policy[F][]) =>
    policy.fixed.includes(field) ? (
      <FixedField policy={policy} field={field} />
    ) : (
      <RadioField
        legend={t(`policy.${field}` as 'policy.reveal')}
        value={typed[field]}
        onChange={change(field)}
        options={values.map((value) => ({
          value,
          label: t(`policy.${field}.${value}` as 'policy.reveal.allow'),
          help: t(`policy.${field}Help.${value}` as 'policy.revealHelp.allow'),
        }))}
      />
    );
  return (
    <SettingForm state={state} className="form policy-form">
      {choice('reveal', ['allow', 'forbid'])}
      {number('idleLockMinutes')}
      {number('healthMinutes')}
      {number('queriesAnHour')}
      {choice('queryLiterals', ['keep', 'leave_out'])}
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
