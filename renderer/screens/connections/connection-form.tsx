import { type ClipboardEvent, useCallback, useEffect, useRef, useState } from 'react';
import type { ConnectionDetail, ConnectionTest, Rung } from '../../../preload/contract/models.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
import { Loaded } from '../../components/page.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';
import {
  check,
  type Draft,
  draftOf,
  fieldNames,
  type Problems,
  type SectionName,
  sectionsWith,
  toCreate,
  toUpdate,
  withoutSecrets,
} from './form/draft.ts';
import { Hops } from './form/hops.tsx';
import { Section } from './form/section.tsx';
import { PoolPart, SharingPart, TlsPart } from './form/sections.tsx';
import { environments } from './options.ts';
import { TestResult } from './test-result.tsx';
import { parseConnectionUrl } from './url.ts';

/** Where a failed rung can be put right; the others are in fields that are always there. */
const sectionOfRung: Partial<Record<Rung['name'], SectionName>> = { ssh: 'ssh', tls: 'tls' };

/** So long nothing is shown while a connection is read, in milliseconds. */
const patienceMs = 400;

interface EditProps {
  readonly id: string;
  readonly name: string;
  readonly onClose: () => void;
}

/** The form of a connection that is there; waits for what a list does not know. */
export function EditConnection({ id, name, onClose }: EditProps) {
  // Read now, and once: the form saves every field, so none may be from before, and none is replaced meanwhile.
  const [first, setFirst] = useState<ConnectionDetail>();
  const { run, error } = useAction((client) => client.connections.get({ id }));
  const read = useCallback(() => void run().then((found) => found && setFirst(found)), [run]);
  useEffect(read, [read]);
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  if (first) return <ConnectionForm connection={first} onClose={onClose} />;
  // It is there in a moment: a panel that is drawn twice would only flicker.
  if (!slow && !error) return null;
  return (
    <Panel
      open
      saved
      title={t('connections.editTitle', { name })}
      onClose={onClose}
      footer={<Button onClick={onClose}>{t('action.cancel')}</Button>}
    >
      <Loaded call={{ data: undefined, error, reload: read }} rows={6}>
        {() => null}
      </Loaded>
    </Panel>
  );
}

interface FormProps {
  readonly connection: ConnectionDetail | null;
  readonly onClose: () => void;
}

export function ConnectionForm({ connection, onClose }: FormProps) {
  const notify = useNotify();
  // Set once saved, so that "Save and test" after a failed test changes that one and makes no second one.
  const [saved, setSaved] = useState(connection);
  const [draft, setDraft] = useState(() => draftOf(connection));
  const [problems, setProblems] = useState<Problems>({});
  const [opened, setOpened] = useState<ReadonlySet<SectionName>>(() => neededSections(connection));
  const [result, setResult] = useState<ConnectionTest | null>(null);
  /** Whether something was typed since it was saved. */
  const [changed, setChanged] = useState(false);
  const done = useWhileThere(onClose);
  const body = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const doneButton = useRef<HTMLButtonElement>(null);
  const answer = useRef<HTMLDivElement>(null);
  // What was pressed goes away with the test: the next step is at hand, and a test that failed is in view with its way out.
  useEffect(() => {
    if (!result) return;
    if (result.ok) doneButton.current?.focus();
    else answer.current?.scrollIntoView({ block: 'start' });
  }, [result]);
  const stored = saved?.hasSecret ?? false;

  const save = useAction((client) =>
    saved ? client.connections.update(toUpdate(draft, saved)) : client.connections.create(toCreate(draft)),
  );
  const test = useAction((client, signal, id: string) => client.connections.test({ id }, { signal }));

  const open = (names: Iterable<SectionName>) => setOpened((known) => new Set([...known, ...names]));
  const show = (found: Problems) => {
    setProblems(found);
    open(sectionsWith(found));
  };
  const set = (change: Partial<Draft>) => {
    setChanged(true);
    setDraft((known) => ({ ...known, ...change }));
    setProblems((known) => without(known, change));
  };
  const fill = (text: string): boolean => {
    const parts = parseConnectionUrl(text);
    if (!parts) return false;
    const { tlsMode, port, ...rest } = parts;
    const name = draft.name || parts.database;
    set({ ...rest, name, port: String(port), ...(tlsMode ? { tlsMode } : {}) });
    return true;
  };

  const runTest = async (id: string) => {
    const tested = await test.run(id);
    if (!tested) return;
    setResult(tested);
    const failed = tested.rungs.find((rung) => rung.state === 'failed');
    const section = failed && sectionOfRung[failed.name];
    if (section) open([section]);
  };
  const submit = async (andTest: boolean) => {
    const found = check(draft, { login: stored, tlsKey: saved?.hasTlsKey ?? false });
    show(found);
    if (Object.keys(found).length > 0) return focusFirstInvalid(body.current);
    setResult(null);
    const kept = await save.run();
    if (!kept) return;
    setSaved(kept);
    setChanged(false);
    // What is sealed now is not kept on the page any longer than needed.
    setDraft((known) => withoutSecrets(known, kept));
    if (!andTest) {
      notify.done(t('connections.savedToast', { name: kept.name }));
      return done();
    }
    await runTest(kept.id);
  };

  const refused = useRefusal(save.error, fieldNames(draft.hops.length), show, body);
  const busy = save.busy || test.busy;
  const toggle = (name: SectionName) => () =>
    setOpened((known) => {
      const next = new Set(known);
      if (!next.delete(name)) next.add(name);
      return next;
    });
  const hosts = draft.hops.map((hop) => hop.host || t('state.notSet')).join(' → ');
  const part = { draft, problems, set };
  return (
    <Panel
      open
      wide
      title={connection ? t('connections.editTitle', { name: connection.name }) : t('connections.addTitle')}
      lead={t('connections.formLead')}
      onClose={onClose}
      onSubmit={() => void (busy || submit(true))}
      initialFocus={first}
      saved={result !== null && !changed}
      footer={
        result?.ok ? (
          <Button tone="primary" ref={doneButton} onClick={onClose}>
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
        )
      }
    >
      <div className="form" ref={body}>
        {refused && <ErrorNotice error={refused} urgent />}
        {test.error && <ErrorNotice error={test.error} urgent />}
        {test.busy && (
          <div role="status">
            <Note tone="info">{t('connections.testingLong')}</Note>
          </div>
        )}
        {result && saved && (
          <div ref={answer}>
            <TestResult result={result} connection={saved} onRetest={() => void runTest(saved.id)} />
          </div>
        )}
        <UrlField fill={fill} />
        <TextField
          ref={first}
          label={t('connections.name')}
          help={t('connections.nameHelp')}
          value={draft.name}
          onChange={(name) => set({ name })}
          error={problems['name']}
        />
        <SelectField
          label={t('connections.environment')}
          value={draft.environment}
          onChange={(value) => set({ environment: value as Draft['environment'] })}
          options={environments.map((value) => ({ value, label: t(`environment.${value}`) }))}
        />
        <AddressPart {...part} fill={fill} />
        <LoginPart {...part} stored={stored} />
        <div>
          <Section
            title={t('section.tls')}
            summary={t(`tls.${draft.tlsMode}`)}
            open={opened.has('tls')}
            onToggle={toggle('tls')}
          >
            <TlsPart {...part} keyStored={saved?.hasTlsKey ?? false} />
          </Section>
          <Section
            title={t('section.ssh')}
            summary={draft.hops.length === 0 ? t('section.sshNone') : t('section.sshVia', { hosts })}
            open={opened.has('ssh')}
            onToggle={toggle('ssh')}
          >
            <Hops
              hops={draft.hops}
              problems={problems}
              onChange={(hops) => {
                setChanged(true);
                setDraft((known) => ({ ...known, hops }));
                // Their names are places, which may be others now.
                setProblems((known) => withoutHops(known));
              }}
            />
          </Section>
          <Section
            title={t('section.pool')}
            summary={t('section.poolSummary', {
              size: draft.size,
              seconds: draft.statementTimeoutSeconds,
            })}
            open={opened.has('pool')}
            onToggle={toggle('pool')}
          >
            <PoolPart {...part} />
          </Section>
          <Section
            title={t('section.sharing')}
            summary={t(draft.access === 'everyone' ? 'section.sharingEveryone' : 'section.sharingGranted')}
            open={opened.has('sharing')}
            onToggle={toggle('sharing')}
          >
            <SharingPart
              {...part}
              insisted={
                (connection?.superuserReason ?? '') !== '' ||
                connection?.lastTest?.error?.code === 'TARGET_SUPERUSER'
              }
            />
          </Section>
        </div>
      </div>
    </Panel>
  );
}

/** Those that say something about this connection that is not the usual. */
function neededSections(connection: ConnectionDetail | null): ReadonlySet<SectionName> {
  // A new one needs an answer to how it is encrypted.
  if (!connection) return new Set(['tls']);
  const names = new Set<SectionName>();
  if (connection.tlsCa !== null || connection.tlsCert !== null) names.add('tls');
  if (connection.ssh.length > 0) names.add('ssh');
  return names;
}

const without = (problems: Problems, change: Partial<Draft>): Problems =>
  Object.fromEntries(Object.entries(problems).filter(([field]) => !Object.hasOwn(change, field)));
const withoutHops = (problems: Problems): Problems =>
  Object.fromEntries(Object.entries(problems).filter(([field]) => !field.startsWith('ssh')));

/** Takes a whole URL apart; the password in it goes straight to the field that hides it. */
function UrlField({ fill }: { fill: (text: string) => boolean }) {
  const [url, setUrl] = useState('');
  const [filled, setFilled] = useState(false);
  const [problem, setProblem] = useState<string>();
  const take = (text: string): boolean => {
    if (!fill(text)) return false;
    setFilled(true);
    setProblem(undefined);
    setUrl('');
    return true;
  };
  return (
    <TextField
      label={t('connections.url')}
      optional
      help={filled ? t('connections.urlFilled') : t('connections.urlHelp')}
      placeholder="postgres://user:password@host:5432/database"
      translate="no"
      value={url}
      error={problem}
      onChange={(typed) => {
        setUrl(typed);
        setProblem(undefined);
      }}
      onPaste={(event) => {
        if (take(event.clipboardData.getData('text'))) event.preventDefault();
      }}
      onBlur={() => {
        if (!take(url) && url.trim() !== '') setProblem(t('connections.urlInvalid'));
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && take(url)) event.preventDefault();
      }}
    />
  );
}

interface PartProps {
  readonly draft: Draft;
  readonly problems: Problems;
  readonly set: (change: Partial<Draft>) => void;
}

function AddressPart({ draft, problems, set, fill }: PartProps & { fill: (text: string) => boolean }) {
  const paste = (event: ClipboardEvent) => {
    if (fill(event.clipboardData.getData('text'))) event.preventDefault();
  };
  return (
    <>
      <div className="field-row field-row-host">
        <TextField
          label={t('connections.host')}
          value={draft.host}
          onChange={(host) => set({ host })}
          onPaste={paste}
          error={problems['host']}
        />
        <TextField
          label={t('connections.port')}
          inputMode="numeric"
          value={draft.port}
          onChange={(port) => set({ port })}
          error={problems['port']}
        />
      </div>
      <TextField
        label={t('connections.database')}
        value={draft.database}
        onChange={(database) => set({ database })}
        error={problems['database']}
      />
    </>
  );
}

function LoginPart({ draft, problems, set, stored }: PartProps & { stored: boolean }) {
  const kept = stored ? { placeholder: t('connections.storedHint') } : {};
  return (
    <div className="stack-tight">
      <div className="field-row">
        <TextField
          label={t('connections.user')}
          value={draft.user}
          onChange={(user) => set({ user })}
          error={problems['user']}
          {...kept}
        />
        <TextField
          label={t('connections.password')}
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
