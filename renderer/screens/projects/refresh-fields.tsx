import { useState } from 'react';
import type { Link, SyncConfig } from '../../../preload/contract/models.ts';
import { Button } from '../../components/button.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
import { useToldAction } from '../../components/toasts.tsx';
import { formatAbsolute } from '../../format.ts';
import { t } from '../../i18n/index.ts';

type How = SyncConfig['refresh']['how'];
const ways: readonly How[] = ['automatic', 'full', 'delta'];

interface State {
  readonly how: How;
  readonly days: string;
}

export const useRefreshState = (link: Link | null) =>
  useState((): State => {
    const { how, wholeEveryDays } = link?.syncConfig.refresh ?? { how: 'automatic', wholeEveryDays: 7 };
    return { how, days: String(wholeEveryDays) };
  });

const isDays = (text: string): boolean =>
  /^\d{1,2}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= 90;

/** What of the choices is not right yet. */
export const refreshProblemOf = ({ how, days }: State): string | undefined =>
  how === 'full' || isDays(days) ? undefined : t('links.wholeDaysInvalid');

/** The choices as a link has them. */
export const refreshOf = ({ how, days }: State): SyncConfig['refresh'] => ({
  how,
  wholeEveryDays: isDays(days) ? Number(days) : 7,
});

/** Whether a refresh reads everything or only what changed, and how often everything all the same. */
export function RefreshFields({
  link,
  state,
  problem,
  onChange,
}: {
  readonly link: Link | null;
  readonly state: State;
  readonly problem: string | undefined;
  readonly onChange: (state: State) => void;
}) {
  const next = link?.dataset?.nextWholeAt ?? null;
  const whole = useToldAction((client) => client.syncs.start({ linkId: link?.id ?? '', whole: true }));
  return (
    <>
      <SelectField
        label={t('links.refreshHow')}
        help={t(`links.refreshHelp.${state.how}`)}
        value={state.how}
        onChange={(how) => onChange({ ...state, how: how as How })}
        options={ways.map((way) => ({ value: way, label: t(`links.refreshHow.${way}`) }))}
      />
      {state.how !== 'full' && (
        <TextField
          label={t('links.wholeDays')}
          help={
            next === null
              ? t('links.wholeDaysHelp')
              : t('links.wholeDaysNext', { when: formatAbsolute(next) })
          }
          inputMode="numeric"
          value={state.days}
          onChange={(days) => onChange({ ...state, days })}
          error={problem}
        />
      )}
      {next !== null && (
        <div>
          <Button small icon="sync" busy={whole.busy} onClick={() => void whole.run()}>
            {t('links.readWhole')}
          </Button>
        </div>
      )}
    </>
  );
}
