import type { ClipboardEvent } from 'react';
import {
  type EngineField,
  type EngineType,
  engineTraits,
  engineTypes,
  isOfUser,
  secretOf,
} from '../../../../preload/contract/engines.ts';
import { useCall } from '../../../api.ts';
import { Note } from '../../../components/error-notice.tsx';
import { SelectField, TextField } from '../../../components/fields.tsx';
import { KeyField, SecretFileField } from '../../../components/pem-fields.tsx';
import { t } from '../../../i18n/index.ts';
import { accountIn, type Draft, type Problems, withEngine, withSetting } from './draft.ts';
import { hostedOf } from './hosted.ts';
import { HostedChoice, HostedHints } from './hosted-part.tsx';

interface PartProps {
  readonly draft: Draft;
  readonly problems: Problems;
  readonly set: (change: Partial<Draft>) => void;
}

interface AddressProps extends PartProps {
  /** It is saved: the kind of database stays. */
  readonly isSaved: boolean;
  /** Fills the form from a whole URL that was pasted into the host; whether it was one. */
  readonly fill: (text: string) => boolean;
}

/** What a database is called there. */
const databaseWords: Partial<Record<EngineType, 'connections.billedProject' | 'connections.catalog'>> = {
  bigquery: 'connections.billedProject',
  databricks: 'connections.catalog',
};

/** What is entered in the field of the secret. */
const secretWords = {
  password: 'connections.password',
  token: 'engineSecret.token',
  client_secret: 'engineSecret.client_secret',
  private_key: 'engineSecret.private_key',
} as const;

/** Where the database is. */
export function AddressPart({ draft, problems, set, fill, isSaved }: AddressProps) {
  const traits = engineTraits[draft.engine];
  const hosted = hostedOf(draft);
  const paste = (event: ClipboardEvent) => {
    if (fill(event.clipboardData.getData('text'))) event.preventDefault();
  };
  return (
    <>
      {isSaved ? (
        <p className="field-help">
          {t('connections.engineIs', { engine: engineTraits[draft.engine].title })}
        </p>
      ) : (
        <SelectField
          name="engine"
          label={t('connections.engine')}
          value={draft.engine}
          onChange={(engine) => set(withEngine(draft, engine as EngineType))}
          options={engineTypes.map((value) => ({ value, label: engineTraits[value].title }))}
          help={t(engineTraits[draft.engine].lands ? 'connections.engineLands' : 'connections.engineReads')}
        />
      )}
      {!isSaved && <HostedChoice draft={draft} set={set} />}
      <HostedHints draft={draft} set={set} named={isSaved} />
      {traits.host === null && (
        <div className="field-row field-row-host">
          <TextField
            name="host"
            label={t('connections.host')}
            value={draft.host}
            onChange={(host) => set({ host })}
            onPaste={paste}
            placeholder={hosted?.example}
            error={problems['host']}
          />
          <TextField
            name="port"
            label={t('connections.port')}
            inputMode="numeric"
            value={draft.port}
            onChange={(port) => set({ port })}
            error={problems['port']}
          />
        </div>
      )}
      <TextField
        name="database"
        label={t(databaseWords[draft.engine] ?? 'connections.database')}
        value={draft.database}
        onChange={(database) => set({ database })}
        error={problems['database']}
      />
      {traits.settings.map((field) => (
        <EngineSetting key={field.name} field={field} draft={draft} problems={problems} set={set} />
      ))}
    </>
  );
}

/** What this kind of database needs besides. */
function EngineSetting({ field, draft, problems, set }: PartProps & { readonly field: EngineField }) {
  const { name, isRequired, choices } = field;
  const change = (value: string) => set(withSetting(draft, name, value));
  const told = {
    name: `settings.${name}`,
    label: t(`engineField.${name as 'location'}`),
    help: t(`engineField.${name as 'location'}.help`),
    value: draft.settings[name] ?? '',
    error: problems[`settings.${name}`],
    onChange: change,
  };
  return choices ? (
    <SelectField
      {...told}
      value={told.value || (choices[0] ?? '')}
      options={choices.map((value) => ({ value, label: t(`engineSecret.${value as 'token'}`) }))}
    />
  ) : (
    <TextField {...told} optional={!isRequired} translate="no" />
  );
}

interface LoginProps extends PartProps {
  readonly stored: boolean;
  /** Another secret than the stored one is needed, which goes once it is entered. */
  readonly replaces: boolean;
}

/** Who signs in; what is stored stays where nothing is entered. */
export function LoginPart({ replaces, ...props }: LoginProps) {
  return (
    <>
      {replaces && (
        <Note tone="info">
          <p>{t('connections.secretReplaced')}</p>
        </Note>
      )}
      <LoginFields {...props} />
    </>
  );
}

function LoginFields({ draft, problems, set, stored }: PartProps & { readonly stored: boolean }) {
  const kept = stored ? { placeholder: t('connections.storedHint') } : {};
  const secret = secretOf(draft.engine, draft.settings);
  if (secret === 'service_account')
    return (
      <div className="stack-tight">
        <KeyFileField draft={draft} problems={problems} set={set} stored={stored} />
        <SecretsKept />
      </div>
    );
  if (secret === 'private_key')
    return (
      <div className="stack-tight">
        <TextField
          name="user"
          label={t('connections.user')}
          value={draft.user}
          onChange={(user) => set({ user })}
          error={problems['user']}
          {...kept}
        />
        <KeyField
          label={t(secretWords.private_key)}
          value={draft.password}
          stored={stored}
          onChange={(password) => set({ password })}
          error={problems['password']}
        />
        <TextField
          name="keyPassphrase"
          label={t('hop.keyPassphrase')}
          optional
          help={t('connections.passphraseHelp')}
          type="password"
          autoComplete="new-password"
          value={draft.keyPassphrase}
          onChange={(keyPassphrase) => set({ keyPassphrase })}
        />
        <SecretsKept />
      </div>
    );
  return (
    <div className="stack-tight">
      <div className="field-row">
        {isOfUser[secret] && (
          <TextField
            name="user"
            label={t(secret === 'client_secret' ? 'engineSecret.client' : 'connections.user')}
            value={draft.user}
            onChange={(user) => set({ user })}
            error={problems['user']}
            placeholder={hostedOf(draft)?.users?.example}
            {...kept}
          />
        )}
        <TextField
          name="password"
          label={t(secretWords[secret])}
          type="password"
          autoComplete="new-password"
          value={draft.password}
          onChange={(password) => set({ password })}
          error={problems['password']}
          {...kept}
        />
      </div>
      <SecretsKept />
    </div>
  );
}

/** A file of keys: once it is there, only whose it is is shown. */
function KeyFileField({ draft, problems, set, stored }: PartProps & { readonly stored: boolean }) {
  const account = accountIn(draft.password);
  const take = (password: string) => {
    const project = accountIn(password)?.project ?? '';
    set({ password, ...(draft.database === '' ? { database: project } : {}) });
  };
  return (
    <SecretFileField
      label={t('engineSecret.service_account')}
      help={t(stored ? 'key.stored' : 'engineSecret.service_account.help')}
      ready={account === null ? null : t('engineSecret.of', { account: account.email })}
      accept=".json,application/json"
      placeholder={stored ? t('connections.storedHint') : '{ "type": "service_account", … }'}
      value={draft.password}
      error={problems['password']}
      onChange={take}
    />
  );
}

/** Where the password is kept, as it is on this computer now. */
function SecretsKept() {
  const state = useCall('vault.status', {}).data?.state;
  if (state === 'session_only') {
    return (
      <Note tone="warn">
        <p>{t('connections.secretForgotten')}</p>
      </Note>
    );
  }
  return <p className="field-help">{t('connections.secretHelp')}</p>;
}
