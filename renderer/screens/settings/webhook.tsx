import { useState } from 'react';
import type { WebhookView } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { CheckField, TextField } from '../../components/fields.tsx';
import { LanguageOf } from '../../components/language-choice.tsx';
import { CertificateField } from '../../components/pem-fields.tsx';
import { t } from '../../i18n/index.ts';
import { LastMessage, TestButton } from './channel-parts.tsx';
import { SettingCard, SettingForm, useSettingForm } from './setting-form.tsx';

type Field = 'url' | 'secret' | 'tlsCa';
const names = { url: 'url', secret: 'secret', tlsCa: 'tlsCa' } as const;
const shortestSecret = 16;

/** Where another program is told of what needs somebody. */
export function WebhookCard({ webhook }: { webhook: WebhookView }) {
  return (
    <SettingCard
      title={t('webhook.title')}
      lead={t('webhook.lead')}
      edit={t('webhook.edit')}
      form={(close) => <Form webhook={webhook} onClose={close} />}
    >
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
    </SettingCard>
  );
}

function Form({ webhook, onClose }: { webhook: WebhookView; onClose: () => void }) {
  const [on, setOn] = useState(webhook.on || webhook.origin === null);
  const [typed, setTyped] = useState({ url: '', secret: '', tlsCa: webhook.tlsCa ?? '' });
  const [ownNetwork, setOwnNetwork] = useState(webhook.ownNetwork);
  const [language, setLanguage] = useState(webhook.language);
  const stored = webhook.origin !== null;
  const url = typed.url.trim();
  const save = useAction((client) =>
    client.notices.setWebhook({
      ...{ on, ownNetwork, language, tlsCa: typed.tlsCa.trim() === '' ? null : typed.tlsCa },
      ...(url === '' ? {} : { url, secret: typed.secret }),
    }),
  );
  const state = useSettingForm<Field, unknown>({
    ...{ names, save, onClose, saved: t('webhook.savedToast') },
    check() {
      const found: Partial<Record<Field, string>> = {
        ...(url === '' && on && !stored ? { url: t('field.required') } : {}),
        ...(url !== '' && typed.secret.length < shortestSecret ? { secret: t('webhook.secretShort') } : {}),
      };
      return found;
    },
  });
  const { problems } = state;
  const change = (field: Field) => (value: string) => setTyped({ ...typed, [field]: value });
  return (
    <SettingForm state={state}>
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
      <LanguageOf
        label={t('webhook.language')}
        help={t('webhook.languageHelp')}
        value={language}
        onChange={setLanguage}
      />
      <CertificateField
        label={t('channel.tlsCa')}
        help={t('channel.tlsCaHelp')}
        optional
        value={typed.tlsCa}
        onChange={change('tlsCa')}
        error={problems.tlsCa}
      />
    </SettingForm>
  );
}
