import { type ClipboardEvent, useRef, useState } from 'react';
import type { Connection, ConnectionTest } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { SelectField, TextArea, TextField } from '../../components/fields.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';
import { type Environment, environments, type TlsMode, tlsModes } from './options.ts';
import { TestResult } from './test-result.tsx';
import { parseConnectionUrl } from './url.ts';

/** What is in the fields: text, until it is checked and sent. */
interface Draft {
  readonly name: string;
  readonly environment: Environment;
  readonly description: string;
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly tlsMode: TlsMode;
  readonly tlsCa: string;
  readonly user: string;
  readonly password: string;
}
type Problems = Partial<Record<keyof Draft, string>>;

/** The contract calls the fields what the form calls them. */
const fieldNames: Readonly<Record<string, keyof Draft>> = {
  name: 'name',
  description: 'description',
  host: 'host',
  port: 'port',
  database: 'database',
  user: 'user',
  password: 'password',
};

function draftOf(connection: Connection | null): Draft {
  return {
    name: connection?.name ?? '',
    environment: connection?.environment ?? 'development',
    description: connection?.description ?? '',
    host: connection?.host ?? '',
    port: String(connection?.port ?? 5432),
    database: connection?.database ?? '',
    tlsMode: connection?.tlsMode ?? 'verify-full',
    tlsCa: connection?.tlsCa ?? '',
    user: '',
    password: '',
  };
}

function check(draft: Draft, stored: boolean): Problems {
  const problems: Problems = {};
  for (const field of ['name', 'host', 'database'] as const) {
    if (draft[field].trim() === '') problems[field] = t('field.required');
  }
  if (!stored && draft.user === '') problems.user = t('field.required');
  const port = Number(draft.port);
  if (!Number.isInteger(port) || port < 1 || port > 65535) problems.port = t('connections.portInvalid');
  if (draft.tlsCa.trim() !== '' && !draft.tlsCa.includes('-----BEGIN CERTIFICATE-----')) {
    problems.tlsCa = t('connections.caInvalid');
  }
  return problems;
}

function toInput({ user, password, ...draft }: Draft, stored: boolean) {
  const input = { ...draft, port: Number(draft.port), tlsCa: draft.tlsCa.trim() === '' ? null : draft.tlsCa };
  if (!stored) return { ...input, user, password };
  // Left empty means "keep what is in the vault".
  return { ...input, ...(user === '' ? {} : { user }), ...(password === '' ? {} : { password }) };
}

export function ConnectionForm({
  connection,
  onClose,
}: {
  connection: Connection | null;
  onClose: () => void;
}) {
  const notify = useNotify();
  // Set once saved, so that "Save and test" after a failed test changes that one and makes no second one.
  const [saved, setSaved] = useState(connection);
  const [draft, setDraft] = useState(() => draftOf(connection));
  const [problems, setProblems] = useState<Problems>({});
  const [result, setResult] = useState<ConnectionTest | null>(null);
  const [url, setUrl] = useState('');
  const [filled, setFilled] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const stored = saved?.hasSecret ?? false;

  const save = useAction((client) => {
    const input = toInput(draft, stored);
    return saved
      ? client.connections.update({ id: saved.id, ...input })
      : client.connections.create({ ...input, user: draft.user, password: draft.password });
  });
  const test = useAction((client, signal, id: string) => client.connections.test({ id }, { signal }));

  const set =
    <K extends keyof Draft>(field: K) =>
    (value: string) => {
      setDraft((known) => ({ ...known, [field]: value as Draft[K] }));
      setProblems(({ [field]: _fixed, ...others }) => others);
    };

  const fill = (text: string): boolean => {
    const parts = parseConnectionUrl(text);
    if (!parts) return false;
    const { tlsMode, port, ...rest } = parts;
    setDraft((known) => ({
      ...known,
      ...rest,
      port: String(port),
      name: known.name || parts.database,
      ...(tlsMode ? { tlsMode } : {}),
    }));
    setProblems({});
    setFilled(true);
    // Its parts are in the fields now, the password in one that hides it.
    setUrl('');
    return true;
  };
  const paste = (event: ClipboardEvent) => {
    if (fill(event.clipboardData.getData('text'))) event.preventDefault();
  };

  const submit = async (andTest: boolean) => {
    const found = check(draft, stored);
    setProblems(found);
    if (Object.keys(found).length > 0) return focusFirstInvalid(body.current);
    setResult(null);
    const answer = await save.run();
    if (!answer) return;
    setSaved(answer);
    // A password that is stored now is not kept on the page any longer than needed.
    setDraft((known) => ({ ...known, password: '' }));
    if (!andTest) {
      notify.done(t('connections.savedToast', { name: answer.name }));
      return onClose();
    }
    const tested = await test.run(answer.id);
    if (tested) setResult(tested);
  };

  const showsCa = draft.tlsMode === 'verify-full' || draft.tlsMode === 'verify-ca';
  const refused = useRefusal(
    save.error,
    showsCa ? { ...fieldNames, tlsCa: 'tlsCa' } : fieldNames,
    setProblems,
    body,
  );
  const busy = save.busy || test.busy;
  const footer = result?.ok ? (
    <Button tone="primary" onClick={onClose}>
      {t('action.done')}
    </Button>
  ) : (
    <>
      <Button tone="quiet" onClick={onClose}>
        {saved && saved !== connection ? t('action.close') : t('action.cancel')}
      </Button>
      <Button busy={save.busy} onClick={() => void submit(false)}>
        {t('action.save')}
      </Button>
      {test.busy ? (
        <Button key="cancel" tone="primary" icon="stop" onClick={test.cancel}>
          {t('connections.cancelTest')}
        </Button>
      ) : (
        <Button key="submit" tone="primary" type="submit" busy={save.busy}>
          {t('connections.saveAndTest')}
        </Button>
      )}
    </>
  );

  return (
    <Panel
      open
      title={connection ? t('connections.editTitle', { name: connection.name }) : t('connections.addTitle')}
      lead={t('connections.formLead')}
      onClose={onClose}
      onSubmit={() => void (busy || submit(true))}
      footer={footer}
      initialFocus={first}
      saved={result !== null}
    >
      <div className="form" ref={body}>
        {refused && <ErrorNotice error={refused} urgent />}
        {test.error && <ErrorNotice error={test.error} urgent />}
        {test.busy && <Note tone="info">{t('connections.testingLong')}</Note>}
        {result && <TestResult result={result} />}
        <TextField
          label={t('connections.url')}
          optional
          help={filled ? t('connections.urlFilled') : t('connections.urlHelp')}
          placeholder="postgres://user:password@host:5432/database"
          translate="no"
          value={url}
          onChange={setUrl}
          onPaste={paste}
          onBlur={() => fill(url)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && fill(url)) event.preventDefault();
          }}
        />
        <TextField
          ref={first}
          label={t('connections.name')}
          help={t('connections.nameHelp')}
          value={draft.name}
          onChange={set('name')}
          error={problems.name}
        />
        <SelectField
          label={t('connections.environment')}
          value={draft.environment}
          onChange={set('environment')}
          options={environments.map((value) => ({ value, label: t(`environment.${value}`) }))}
        />
        <div className="field-row field-row-host">
          <TextField
            label={t('connections.host')}
            value={draft.host}
            onChange={set('host')}
            onPaste={paste}
            error={problems.host}
          />
          <TextField
            label={t('connections.port')}
            inputMode="numeric"
            value={draft.port}
            onChange={set('port')}
            error={problems.port}
          />
        </div>
        <TextField
          label={t('connections.database')}
          value={draft.database}
          onChange={set('database')}
          error={problems.database}
        />
        <div className="field-row">
          <TextField
            label={t('connections.user')}
            value={draft.user}
            onChange={set('user')}
            error={problems.user}
            {...(stored ? { placeholder: t('connections.storedHint') } : {})}
          />
          <TextField
            label={t('connections.password')}
            type="password"
            autoComplete="new-password"
            value={draft.password}
            onChange={set('password')}
            error={problems.password}
            {...(stored ? { placeholder: t('connections.storedHint') } : {})}
          />
        </div>
        <p className="field-help">{t('connections.secretHelp')}</p>
        <SelectField
          label={t('connections.tls')}
          value={draft.tlsMode}
          onChange={set('tlsMode')}
          options={tlsModes.map((value) => ({ value, label: t(`tls.${value}`) }))}
          help={t(`tls.help.${draft.tlsMode}`)}
        />
        {showsCa && (
          <TextArea
            label={t('connections.ca')}
            optional
            help={t('connections.caHelp')}
            value={draft.tlsCa}
            onChange={set('tlsCa')}
            error={problems.tlsCa}
            placeholder="-----BEGIN CERTIFICATE-----"
          />
        )}
        <TextArea
          label={t('connections.description')}
          optional
          rows={2}
          value={draft.description}
          onChange={set('description')}
          error={problems.description}
        />
      </div>
    </Panel>
  );
}
