import { useRef, useState } from 'react';
import type { Retention } from '../../../preload/contract/models.ts';
import { type RetentionName, retentionNames, retentionRules } from '../../../preload/contract/retention.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { TextField } from '../../components/fields.tsx';
import { Card } from '../../components/page.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { formatNumber } from '../../format.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';

const names = Object.fromEntries(retentionNames.map((name) => [name, name])) as {
  readonly [N in RetentionName]: N;
};
const said = (name: RetentionName, count: number): string =>
  t(name.endsWith('Days') ? 'retention.days' : 'retention.number', { count });

/** How much is kept of what grows by itself. */
export function RetentionCard({ retention }: { retention: Retention }) {
  const blocked = useAccess().reason('manage_vault');
  const [editing, setEditing] = useState(false);
  return (
    <Card
      title={t('retention.title')}
      action={
        !editing && (
          <Button
            small
            icon="edit"
            blocked={blocked}
            aria-label={t('retention.edit')}
            onClick={() => setEditing(true)}
          >
            {t('policy.edit')}
          </Button>
        )
      }
    >
      <p className="muted settings-lead">{t('retention.lead')}</p>
      {editing ? (
        <Form retention={retention} onClose={() => setEditing(false)} />
      ) : (
        <dl className="decisions">
          {retentionNames.map((name) => (
            <div key={name}>
              <dt>{t(`retention.${name}`)}</dt>
              <dd>{said(name, retention[name])}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}

type Typed = Readonly<Record<RetentionName, string>>;

function Form({ retention, onClose }: { retention: Retention; onClose: () => void }) {
  const notify = useNotify();
  const [typed, setTyped] = useState<Typed>(
    () =>
      Object.fromEntries(
        Object.entries(retention).map(([name, value]) => [name, String(value)]),
      ) as unknown as Typed,
  );
  const [problems, setProblems] = useState<Partial<Record<RetentionName, string>>>({});
  const form = useRef<HTMLFormElement>(null);
  const save = useAction((client, signal) =>
    client.policy.setRetention(
      Object.fromEntries(retentionNames.map((name) => [name, Number(typed[name])])),
      { signal },
    ),
  );
  const rest = useRefusal(save.error, names, setProblems, form);
  const done = useWhileThere(onClose);
  const submit = async (): Promise<void> => {
    const found: Partial<Record<RetentionName, string>> = {};
    for (const name of retentionNames) {
      const { least, most } = retentionRules[name];
      const value = Number(typed[name]);
      if (!/^\d+$/.test(typed[name].trim()) || value < least || value > most)
        found[name] = t('policy.minutesInvalid', { least, most });
    }
    setProblems(found);
    if (Object.keys(found).length > 0) return focusFirstInvalid(form.current);
    if (!(await save.run())) return;
    done();
    notify.done(t('retention.savedToast'));
  };
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
      <div className="actions">
        <Button tone="primary" type="submit" busy={save.busy}>
          {t('action.save')}
        </Button>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}
