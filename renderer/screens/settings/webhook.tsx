import { useRef, useState } from 'react';
import type { WebhookView } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { CheckField, TextField } from '../../components/fields.tsx';
import { Card } from '../../components/page.tsx';
import { CertificateField } from '../../components/pem-fields.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';
import { LastMessage, TestButton } from './channel-parts.tsx';

type Field = 'url' | 'secret' | 'tlsCa';
const names = { url: 'url', secret: 'secret', tlsCa: 'tlsCa' } as const;
const shortestSecret = 16;

/** Where another program is told of what needs somebody. */
export function WebhookCard({ webhook }: { webhook: WebhookView }) {
  const [editing, setEditing] = useState(false);
  return (
    <Card
      title={t('webhook.title')}
      action={
        !editing && (
          <Button small icon="edit" aria-label={t('webhook.edit')} onClick={() => setEditing(true)}>
            {t('notify.edit')}
          </Button>
        )
      }
    >
      <p className="muted settings-lead">{t('webhook.lead')}</p>
      {editing ? (
        <Form webhook={webhook} onClose={() => setEditing(false)} />
      ) : (
        <div className="stack">
          <dl className="decisions">
            <div>
              <dt>{t('webhook.state')}</dt>
              <dd>{t(webhook.on ? 'webhook.isOn' : 'webhook.isOff')}</dd>
            </div>
            {webhook.origin !== null && (
              <div>
                <dt>{t('webhook.origin')}</dt>
                <dd>
                  <code translate="no">{webhook.origin}</code>
                </dd>
              </div>
            )}
            <LastMessage last={webhook.last} />
          </dl>
          {webhook.on && <TestButton channel="webhook" />}
        </div>
      )}
    </Card>
  );
}

function Form({ webhook, onClose }: { webhook: WebhookView; onClose: () => void }) {
  const notify = useNotify();
  const [on, setOn] = useState(webhook.on || webhook.origin === null);
  const [typed, setTyped] = useState({ url: '', secret: '', tlsCa: webhook.tlsCa ?? '' });
  const [ownNetwork, setOwnNetwork] = useState(webhook.ownNetwork);
  const [problems, setProblems] = useState<Partial<Record<Field, string>>>({});
  const form = useRef<HTMLFormElement>(null);
  const stored = webhook.origin !== null;
  const url = typed.url.trim();
  const save = useAction((client) =>
    client.notices.setWebhook({
      ...{ on, ownNetwork, tlsCa: typed.tlsCa.trim() === '' ? null : typed.tlsCa },
      ...(url === '' ? {} : { url, secret: typed.secret }),
    }),
  );
  const rest = useRefusal(save.error, names, setProblems, form);
  const done = useWhileThere(onClose);
  const submit = async (): Promise<void> => {
    const found: Partial<Record<Field, string>> = {
      ...(url === '' && on && !stored ? { url: t('field.required') } : {}),
      ...(url !== '' && typed.secret.length < shortestSecret ? { secret: t('webhook.secretShort') } : {}),
    };
    setProblems(found);
    if (Object.keys(found).length > 0) return focusFirstInvalid(form.current);
    if (!(await save.run())) return;
    done();
    notify.done(t('webhook.savedToast'));
  };
  const change = (field: Field) => (value: string) => setTyped({ ...typed, [field]: value });
  return (
    <form
      className="form"
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {rest && <ErrorNotice error={rest} urgent />}
      <CheckField label={t('webhook.on')} checked={on} onChange={setOn} />
      <TextField
        label={t('webhook.url')}
        help={stored ? t('webhook.urlStored') : t('webhook.urlHelp')}
        inputMode="url"
        placeholder="https://hooks.example.org/headgate"
        translate="no"
        value={typed.url}
        onChange={change('url')}
        error={problems.url}
      />
      {url !== '' && (
        <TextField
          label={t('webhook.secret')}
          help={t('webhook.secretHelp')}
          type="password"
          autoComplete="new-password"
          value={typed.secret}
          onChange={change('secret')}
          error={problems.secret}
        />
      )}
      <CheckField
        label={t('webhook.ownNetwork')}
        help={t('webhook.ownNetworkHelp')}
        checked={ownNetwork}
        onChange={setOwnNetwork}
      />
      <CertificateField
        label={t('channel.tlsCa')}
        help={t('channel.tlsCaHelp')}
        optional
        value={typed.tlsCa}
        onChange={change('tlsCa')}
        error={problems.tlsCa}
      />
      <div className="actions">
        <Button tone="primary" type="submit" busy={save.busy}>
          {t('action.save')}
        </Button>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}
