import { useEffect, useRef, useState } from 'react';
import { engineTraits } from '../../../preload/contract/engines.ts';
import type { ConnectionDetail, ConnectionTest, Rung } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { discarding, type Guard, Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';
import { type Pasted, readPasted } from '../setup/paste.ts';
import type { FixField } from './fixes.ts';
import { AddressPart, LoginPart } from './form/basics.tsx';
import { check } from './form/checks.ts';
import {
  type Draft,
  draftOf,
  fieldNames,
  keepsSecret,
  type Problems,
  type SectionName,
  sectionsWith,
  toCreate,
  toUpdate,
  withoutSecrets,
} from './form/draft.ts';
import { Hops } from './form/hops.tsx';
import { PasteBox } from './form/paste-box.tsx';
import { Section } from './form/section.tsx';
import { PoolPart, SharingPart, TlsPart } from './form/sections.tsx';
import { environments } from './options.ts';
import { TestResult } from './test-result.tsx';

/** Where a failed rung can be put right; the others are in fields that are always there. */
const sectionOfRung: Partial<Record<Rung['name'], SectionName>> = { ssh: 'ssh', tls: 'tls' };

interface FormProps {
  readonly connection: ConnectionDetail | null;
  /** The field that is looked for, where one comes to put something right. */
  readonly at?: FixField | undefined;
  readonly onClose: () => void;
}

/** The whole form of a connection: what is at hand is pasted first, the rest is there to be looked at. */
export function ConnectionForm({ connection, at, onClose }: FormProps) {
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
  const paste = useRef<HTMLTextAreaElement>(null);
  const name = useRef<HTMLInputElement>(null);
  const doneButton = useRef<HTMLButtonElement>(null);
  const answer = useRef<HTMLDivElement>(null);
  // What was pressed goes away with the test: the next step is at hand, and a test that failed is in view with its way out.
  useEffect(() => {
    if (!result) return;
    if (result.ok) doneButton.current?.focus();
    else answer.current?.scrollIntoView({ block: 'start' });
  }, [result]);
  const stored = keepsSecret(saved, draft);

  const save = useAction((client, _signal, of: Draft) =>
    saved ? client.connections.update(toUpdate(of, saved)) : client.connections.create(toCreate(of)),
  );
  const remove = useAction((client, _signal, id: string) => client.connections.delete({ id }));
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
  const take = ({ port, signIn, ...rest }: Pasted): void => {
    const asks = engineTraits[rest.engine].signInMethods;
    const asked = signIn === undefined && asks ? {} : { signIn: signIn ?? 'any' };
    set({ ...rest, ...asked, name: draft.name || rest.database, port: String(port) });
  };
  const fill = (text: string): boolean => {
    const parts = readPasted(text, true);
    if (parts) take(parts);
    return parts !== undefined;
  };
  /** Leads to where something is put right, in a section that may have to be opened first. */
  const goTo = (field: FixField): void => {
    if (field === 'ssh' || field === 'tlsMode') open([field === 'ssh' ? 'ssh' : 'tls']);
    requestAnimationFrame(() => {
      const found = body.current?.querySelector<HTMLElement>(
        field === 'ssh' ? '[data-section="ssh"] :is(input, select, .button)' : `[name="${field}"]`,
      );
      found?.scrollIntoView({ block: 'center' });
      found?.focus({ preventScroll: true });
    });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, where it opens
  useEffect(() => {
    if (at !== undefined) goTo(at);
  }, []);

  const runTest = async (id: string) => {
    const tested = await test.run(id);
    if (!tested) return;
    setResult(tested);
    const failed = tested.rungs.find((rung) => rung.state === 'failed');
    const section = failed && sectionOfRung[failed.name];
    if (section) open([section]);
  };
  const submit = async (andTest: boolean, change: Partial<Draft> = {}) => {
    const wanted = { ...draft, ...change };
    setDraft(wanted);
    const found = check(wanted, { login: keepsSecret(saved, wanted), tlsKey: saved?.hasTlsKey ?? false });
    show(found);
    if (Object.keys(found).length > 0) return focusFirstInvalid(body.current);
    setResult(null);
    const kept = await save.run(wanted);
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
  // One that was made here and does not work stays only where somebody says so.
  const unwanted = connection === null && saved !== null && result?.ok === false && !changed ? saved : null;
  const guard: Guard | undefined = unwanted
    ? {
        question: t('connections.keepFailing', { name: unwanted.name }),
        leave: t('connections.keepFailing.keep'),
        stay: t('form.keep'),
        other: (
          <Button
            busy={remove.busy}
            onClick={() => void remove.run(unwanted.id).then((gone) => gone && done())}
          >
            {t('connections.keepFailing.remove')}
          </Button>
        ),
      }
    : changed
      ? discarding()
      : undefined;
  return (
    <Panel
      open
      wide
      title={connection ? t('connections.editTitle', { name: connection.name }) : t('connections.addTitle')}
      lead={t('connections.formLead')}
      onClose={onClose}
      onSubmit={() => void (busy || submit(true))}
      initialFocus={connection ? name : paste}
      guard={guard}
      saved={result !== null && !changed}
      footer={(close) =>
        result?.ok && !changed ? (
          <Button tone="primary" ref={doneButton} onClick={onClose}>
            {t('action.done')}
          </Button>
        ) : (
          <>
            <Button tone="quiet" onClick={close}>
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
        {remove.error && <ErrorNotice error={remove.error} urgent />}
        {test.busy && (
          <div role="status">
            <Note tone="info">{t('connections.testingLong')}</Note>
          </div>
        )}
        {result && saved && (
          <div ref={answer}>
            <TestResult
              result={result}
              connection={saved}
              onRetest={() => void runTest(saved.id)}
              onFix={goTo}
              onWithoutTls={() => void submit(true, { tlsMode: 'disable' })}
            />
          </div>
        )}
        <PasteBox box={paste} onTake={take} />
        <TextField
          ref={name}
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
        <AddressPart {...part} fill={fill} isSaved={saved !== null} />
        <LoginPart {...part} stored={stored} replaces={(saved?.hasSecret ?? false) && !stored} />
        <div>
          <Section
            name="tls"
            title={t('section.tls')}
            summary={t(`tls.${draft.tlsMode}`)}
            open={opened.has('tls')}
            onToggle={toggle('tls')}
          >
            <TlsPart {...part} keyStored={saved?.hasTlsKey ?? false} />
          </Section>
          <Section
            name="ssh"
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
            name="pool"
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
            name="sharing"
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
