import { useRef, useState } from 'react';
import { addressOfConnection } from '../../../preload/contract/connection-address.ts';
import type { Source, SourceTypeInfo } from '../../../preload/contract/models.ts';
import { originOf } from '../../addresses.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { type ChosenConnection, ConnectionChoice } from '../../components/connection-choice.tsx';
import { OldTablesField, useOldTables } from '../../components/data/old-tables.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { CheckField, SelectField, TextField } from '../../components/fields.tsx';
import { CertificateField } from '../../components/pem-fields.tsx';
import { Registration } from '../../components/session/registration.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { useRefusal } from '../../refusal.ts';
import { browserWayOf, isReadOver, typedWayOf } from '../../source-kinds.ts';

interface SourceFormProps {
  readonly source: Source | null;
  readonly types: readonly SourceTypeInfo[];
  readonly onClose: () => void;
  readonly onSaved: (source: Source) => void;
}

/** Drawn from what the connector declares, so that a new kind of source needs no form of its own. */
export function SourceForm({ source, types, onClose, onSaved }: SourceFormProps) {
  const notify = useNotify();
  const [sourceType, setSourceType] = useState(source?.sourceType ?? types[0]?.type ?? '');
  const type = types.find((each) => each.type === sourceType);
  const browser = browserWayOf(type);
  const [name, setName] = useState(source?.name ?? '');
  const [baseUrl, setBaseUrl] = useState(source?.baseUrl ?? type?.defaultBaseUrl ?? '');
  const [clientId, setClientId] = useState(source?.clientId ?? browserWayOf(type)?.defaultClientId ?? '');
  const [connection, setConnection] = useState<ChosenConnection | null>(
    source?.readOver ? { ...source.readOver, label: source.readOver.name, readOnly: false } : null,
  );
  const [clientSecret, setClientSecret] = useState('');
  const [noSecret, setNoSecret] = useState(false);
  const [clientAuth, setClientAuth] = useState<Source['clientAuth']>(source?.clientAuth ?? null);
  const [tlsCa, setTlsCa] = useState(source?.tlsCa ?? '');
  const [settings, setSettings] = useState<Record<string, string>>(source?.settings ?? {});
  const [problems, setProblems] = useState<Record<string, string>>({});
  const body = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const needsClient = browser !== undefined && typedWayOf(type) === undefined;
  const isElsewhere =
    source !== null &&
    type?.settings.some(
      ({ name: field }) => (settings[field] ?? '').trim() !== (source.settings[field] ?? ''),
    );
  const old = useOldTables(isElsewhere ? { sourceId: source.id } : null);
  const save = useAction((client) => {
    // A field left empty is not set; the connector's own check then speaks of a missing setting, not of ''.
    const filled = Object.fromEntries(Object.entries(settings).filter(([, value]) => value.trim() !== ''));
    const given = clientSecret === '' ? {} : { clientSecret };
    const fields = {
      ...{ name, baseUrl, clientId, clientAuth, settings: filled },
      tlsCa: tlsCa.trim() === '' ? null : tlsCa,
    };
    return source
      ? client.sources.update({
          id: source.id,
          ...fields,
          ...old.given,
          ...(noSecret ? { clientSecret: null } : given),
        })
      : client.sources.create({ sourceType, ...fields, ...given });
  });
  const settingPaths = type?.settings.map((field) => [`settings.${field.name}`, field.name]) ?? [];
  const refused = useRefusal<string>(
    save.error,
    {
      name: 'name',
      baseUrl: 'baseUrl',
      clientId: 'clientId',
      clientSecret: 'clientSecret',
      tlsCa: 'tlsCa',
      ...Object.fromEntries(settingPaths),
    },
    (found) =>
      setProblems(Object.fromEntries(Object.entries(found).map(([field, why]) => [field, why ?? '']))),
    body,
  );
  const chooseType = (value: string) => {
    const next = types.find((each) => each.type === value);
    if (!next) return;
    setSourceType(next.type);
    setBaseUrl(next.defaultBaseUrl);
    setConnection(null);
    setClientId(browserWayOf(next)?.defaultClientId ?? '');
    setSettings({});
  };
  // Where it moves to another server, nobody's sign-in goes with it.
  const moves = source !== null && originOf(baseUrl) !== originOf(source.baseUrl);
  const submit = async () => {
    const found: Record<string, string> = {};
    // Without a client everybody signs in with what is typed in, where the source takes that.
    const needed = needsClient ? { name, baseUrl, clientId } : { name, baseUrl };
    for (const [field, value] of Object.entries(needed)) {
      if (value.trim() === '') found[field] = t('field.required');
    }
    for (const field of type?.settings ?? []) {
      // The scope can be chosen after the sign-in, from what the account really sees.
      if (field.required && !field.scope && !settings[field.name]?.trim()) {
        found[field.name] = t('field.required');
      }
    }
    if (tlsCa.trim() !== '' && !tlsCa.includes('-----BEGIN CERTIFICATE-----'))
      found['tlsCa'] = t('sources.caInvalid');
    setProblems(found);
    if (Object.keys(found).length > 0) return focusFirstInvalid(body.current);
    const saved = await save.run();
    if (!saved) return;
    notify.done(t('sources.savedToast', { name: saved.name }));
    onSaved(saved);
  };
  return (
    <Panel
      open
      title={source ? t('sources.editTitle', { name: source.name }) : t('sources.addTitle')}
      lead={t('sources.formLead')}
      onClose={onClose}
      onSubmit={() => void submit()}
      initialFocus={first}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button tone="primary" type="submit" busy={save.busy}>
            {source ? t('action.save') : t('sources.saveAndSignIn')}
          </Button>
        </>
      }
    >
      <div className="form" ref={body}>
        {refused && <ErrorNotice error={refused} urgent />}
        {!source && types.length > 1 && (
          <SelectField
            label={t('sources.type')}
            value={sourceType}
            onChange={chooseType}
            options={types.map((each) => ({ value: each.type, label: each.title }))}
          />
        )}
        <TextField
          ref={first}
          label={t('sources.name')}
          help={t('sources.nameHelp')}
          value={name}
          onChange={setName}
          error={problems['name']}
        />
        {isReadOver(type) ? (
          <ConnectionChoice
            all
            label={t('sources.connection')}
            help={t(moves ? 'sources.connectionMoves' : 'sources.connectionHelp')}
            error={problems['baseUrl']}
            chosen={connection}
            onChange={(next) => {
              setConnection(next);
              setBaseUrl(next === null ? '' : addressOfConnection(next.id));
            }}
          />
        ) : (
          <TextField
            label={t('sources.baseUrl')}
            help={
              moves
                ? t('sources.movesHelp', { server: originOf(source.baseUrl) ?? source.baseUrl })
                : t('sources.baseUrlHelp')
            }
            inputMode="url"
            translate="no"
            value={baseUrl}
            onChange={setBaseUrl}
            error={problems['baseUrl']}
          />
        )}
        {browser && (
          <>
            <TextField
              label={t('sources.clientId')}
              help={t(needsClient ? 'sources.clientIdHelp' : 'sources.clientIdOptionalHelp')}
              optional={!needsClient}
              translate="no"
              value={clientId}
              onChange={setClientId}
              error={problems['clientId']}
            />
            <details className="registration-more">
              <summary>{t('registration.open')}</summary>
              <Registration baseUrl={baseUrl} page={browser.registerPath} />
            </details>
          </>
        )}
        {browser && clientId.trim() !== '' && (
          <>
            <TextField
              label={t('sources.clientSecret')}
              help={t(source?.hasClientSecret ? 'sources.clientSecretKept' : 'sources.clientSecretHelp')}
              optional
              type="password"
              disabled={noSecret}
              value={clientSecret}
              onChange={setClientSecret}
              error={problems['clientSecret']}
            />
            {source?.hasClientSecret && (
              <CheckField label={t('sources.clientSecretRemove')} checked={noSecret} onChange={setNoSecret} />
            )}
            {(clientSecret !== '' || (source?.hasClientSecret && !noSecret)) && (
              <SelectField
                label={t('sources.clientAuth')}
                value={clientAuth ?? ''}
                onChange={(value) => setClientAuth(value === 'form' || value === 'basic' ? value : null)}
                options={[
                  { value: '', label: t('sources.clientAuthUsual') },
                  { value: 'form', label: t('sources.clientAuthForm') },
                  { value: 'basic', label: t('sources.clientAuthBasic') },
                ]}
              />
            )}
          </>
        )}
        {type?.settings.map((field) => (
          <TextField
            key={field.name}
            label={sentence(field.label, field.name)}
            help={
              field.scope && !source
                ? t('sources.scopeHelp', { help: sentence(field.help) })
                : sentence(field.help)
            }
            optional={!field.required || (field.scope && !source)}
            translate="no"
            value={settings[field.name] ?? ''}
            onChange={(value) => setSettings((known) => ({ ...known, [field.name]: value }))}
            error={problems[field.name]}
          />
        ))}
        <OldTablesField {...old} />
        {!isReadOver(type) && (
          <CertificateField
            label={t('sources.ca')}
            help={t('sources.caHelp')}
            optional
            value={tlsCa}
            onChange={setTlsCa}
            error={problems['tlsCa']}
          />
        )}
      </div>
    </Panel>
  );
}
