import { useState } from 'react';
import type { Retention } from '../../../preload/contract/models.ts';
import { type RetentionName, retentionNames, retentionRules } from '../../../preload/contract/retention.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { TextField } from '../../components/fields.tsx';
import { formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { SettingCard, SettingForm, useSettingForm } from './setting-form.tsx';

const names = Object.fromEntries(retentionNames.map((name) => [name, name])) as {
  readonly [N in RetentionName]: N;
};
const said = (name: RetentionName, count: number): string =>
  t(name.endsWith('Days') ? 'retention.days' : 'retention.number', { count });

/** How much is kept of what grows by itself. */
export function RetentionCard({ retention }: { retention: Retention }) {
  const blocked = useAccess().reason('manage_vault');
  return (
    <SettingCard
      title={t('retention.title')}
      lead={t('retention.lead')}
      edit={t('retention.edit')}
      blocked={blocked}
      form={(close) => <Form retention={retention} onClose={close} />}
    >
      <dl className="decisions">
        {retentionNames.map((name) => (
          <div key={name}>
            <dt>{t(`retention.shown.${name}`)}</dt>
            <dd>{said(name, retention[name])}</dd>
          </div>
        ))}
      </dl>
    </SettingCard>
  );
}

type Typed = Readonly<Record<RetentionName, string>>;

function Form({ retention, onClose }: { retention: Retention; onClose: () => void }) {
  const [typed, setTyped] = useState<Typed>(
    () =>
      Object.fromEntries(
        Object.entries(retention).map(([name, value]) => [name, String(value)]),
      ) as unknown as Typed,
  );
  const save = useAction((client, signal) =>
    client.policy.setRetention(
      Object.fromEntries(retentionNames.map((name) => [name, Number(typed[name])])),
      { signal },
    ),
  );
  const state = useSettingForm<RetentionName, unknown>({
    ...{ names, save, onClose, saved: t('retention.savedToast') },
    check() {
      const found: Partial<Record<RetentionName, string>> = {};
      for (const name of retentionNames) {
        const { least, most } = retentionRules[name];
        const value = Number(typed[name]);
        if (!/^\d+$/.test(typed[name].trim()) || value < least || value > most)
          found[name] = t('policy.numberInvalid', { least, most });
      }
      return found;
    },
  });
  const { problems } = state;
  return (
    <SettingForm state={state} className="form policy-form">
      {retentionNames.map((name) => (
        <TextField
          key={name}
          label={t(`retention.${name}`)}
          help={t('retention.range', {
            least: formatNumber(retentionRules[name].least),
            most: formatNumber(retentionRules[name].most),
          })}
          inputMode="numeric"
          value={typed[name]}
          onChange={(value) => setTyped({ ...typed, [name]: value })}
          error={problems[name]}
        />
      ))}
      <p className="muted small-print">{t('retention.lessHint')}</p>
    </SettingForm>
  );
}
