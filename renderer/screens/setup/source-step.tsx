import { useState } from 'react';
import type { Discovery, Source, SourceTypeInfo } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { hostOf } from '../../addresses.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { CopyTextButton } from '../../components/copy.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { RadioField, SelectField, TextField } from '../../components/fields.tsx';
import { SkeletonRows } from '../../components/page.tsx';
import { BrowserWaiting, useBrowserSignIn } from '../../components/session/browser-sign-in.tsx';
import { isGood } from '../../components/session/credential-state.ts';
import { Registration } from '../../components/session/registration.tsx';
import { SignIn } from '../../components/session/sign-in.tsx';
import { Status } from '../../components/status.tsx';
import { t } from '../../i18n/index.ts';
import { allInWords } from '../../source-words.ts';
import type { Step } from './steps.tsx';

/** What the source step decides. */
export interface ChosenSource {
  readonly projectId: string;
  readonly sourceId: string;
  /** What of the source is read, as people call it there. */
  readonly space: string;
}

interface Props {
  /** Null before there is a project: it is made with the first sign-in. */
  readonly projectId: string | null;
  readonly connectionId: string | null;
  /** Sources that the project has already. */
  readonly linked: readonly string[];
  readonly onDone: (chosen: ChosenSource) => void;
  readonly onClose: () => void;
}

/** From here on a list of radio buttons is too long to look through without a filter. */
const many = 8;

/** The source: its server, the sign-in, and what of it is read. What is known already is not asked for again. */
export function useSourceStep({ projectId, connectionId, linked, onDone, onClose }: Props): Step {
  const access = useAccess();
  const types = allInWords(useCall('sources.types', {}).data ?? []);
  const sources = useCall('sources.list', {}).data ?? [];
  const credentials = useCall('credentials.list', {}).data ?? [];
  const free = sources.filter((each) => each.isActive && !linked.includes(each.id));
  const [chosen, setChosen] = useState<string | null>(null);
  const [made, setMade] = useState<Source | null>(null);
  // What was just made is known before the list of all is read anew.
  const source =
    free.find((each) => each.id === (chosen ?? free[0]?.id)) ?? (made?.id === chosen ? made : null);
  const [draft, setDraft] = useState<Partial<Record<'type' | 'baseUrl' | 'clientId', string | undefined>>>(
    {},
  );
  const [owner, setOwner] = useState<string | null>(projectId);
  const [signingIn, setSigningIn] = useState(false);
  const [found, setFound] = useState<Discovery | null>(null);
  const [space, setSpace] = useState('');
  const project = owner ?? projectId;
  const type = types.find((each) => each.type === (source?.sourceType ?? draft.type ?? types[0]?.type));
  // Whoever knows one server of a kind mostly means it again.
  const like = sources.find((each) => each.sourceType === type?.type);
  const baseUrl = draft.baseUrl ?? like?.baseUrl ?? type?.defaultBaseUrl ?? '';
  const clientId = draft.clientId ?? like?.clientId ?? type?.defaultClientId ?? '';
  const hasSpace = type?.settings.some(({ name }) => name === 'domain') ?? false;
  const isSignedIn = credentials.some(
    (each) => each.sourceId === source?.id && each.projectId === project && project !== null && isGood(each),
  );

  const discover = useAction((client, signal, of: { id: string; projectId: string }) =>
    client.sources.discover(of, { signal }),
  );
  /** Where the project stands with a source after somebody signed in: on, or at the choice of what is read. */
  const goOn = async (of: Source, into: string) => {
    const there = of.settings['domain'];
    if (!hasSpace || there) return onDone({ projectId: into, sourceId: of.id, space: there || of.name });
    const answer = await discover.run({ id: of.id, projectId: into });
    if (!answer) return;
    setFound(answer);
    const only = answer.spaces.length === 1 ? answer.spaces[0] : undefined;
    if (only) await settle.run(of, into, only.value, only.label);
    return;
  };
  const settle = useAction(
    async (client, _signal, of: Source, into: string, domain: string, label: string) => {
      await client.sources.update({ id: of.id, settings: { ...of.settings, domain } });
      onDone({ projectId: into, sourceId: of.id, space: label });
    },
  );
  const prepare = useAction(async (client) => {
    const name = hostOf(baseUrl);
    const ready =
      source ??
      (await orNumbered(
        name,
        sources.map((each) => each.name),
        (free) => client.sources.create({ name: free, sourceType: type?.type ?? '', baseUrl, clientId }),
      ));
    let into = project;
    if (into === null) {
      // One that was begun before and has nothing yet is gone on with.
      const all = await client.projects.list({});
      const begun = all.find((each) => each.connectionId === connectionId && each.links === 0);
      into =
        begun?.id ??
        (
          await orNumbered(
            name,
            all.map((each) => each.name),
            (free) => client.projects.create({ name: free, connectionId: connectionId ?? '' }),
          )
        ).id;
    }
    setOwner(into);
    setMade(ready);
    setChosen(ready.id);
    return { into };
  });

  const submit = async () => {
    if (prepare.busy || discover.busy || settle.busy || signingIn) return;
    if (found && source && project !== null) {
      const picked = found.spaces.find((each) => each.value === space);
      if (picked) await settle.run(source, project, picked.value, picked.label);
      return;
    }
    const ready = await prepare.run();
    if (!ready) return;
    if (isSignedIn && source) await goOn(source, ready.into);
    else setSigningIn(true);
  };
  const error = prepare.error ?? discover.error ?? settle.error;
  const blocked =
    access.reason('manage_projects') ??
    (found && space === '' ? t('sources.spaceFirst') : undefined) ??
    (!source && baseUrl.trim() === '' ? t('field.required') : undefined);
  const busy = prepare.busy || discover.busy || settle.busy;
  const footer = (
    <>
      <Button tone="quiet" onClick={onClose}>
        {t('action.cancel')}
      </Button>
      {!signingIn && (
        <Button tone="primary" type="submit" busy={busy} blocked={blocked}>
          {t(found ? 'sources.spaceUse' : isSignedIn ? 'setup.goOn' : 'signIn.start')}
        </Button>
      )}
    </>
  );
  const body = (
    <>
      {error && <ErrorNotice error={error} urgent />}
      {!found && !signingIn && (
        <>
          {free.length > 0 && (
            <SelectField
              label={t('setup.server')}
              value={source?.id ?? ''}
              onChange={setChosen}
              options={[
                ...free.map((each) => ({ value: each.id, label: labelOf(each) })),
                { value: '', label: t('setup.serverNew') },
              ]}
            />
          )}
          {source ? (
            <KnownSource source={source} isSignedIn={isSignedIn} />
          ) : (
            <NewServer
              types={types}
              type={type}
              baseUrl={baseUrl}
              clientId={clientId}
              onChange={(change) => setDraft((known) => ({ ...known, ...change }))}
            />
          )}
        </>
      )}
      {signingIn && source && project !== null && (
        <SignInStep
          source={source}
          keys={type?.apiKeys != null}
          projectId={project}
          onDone={() => {
            setSigningIn(false);
            void goOn(source, project);
          }}
          onBack={() => setSigningIn(false)}
        />
      )}
      {discover.busy && <SkeletonRows rows={3} label={t('sources.spaceLoading')} />}
      {found?.spaces.length === 0 && (
        <Note tone="warn">{t('sources.spaceNone', { account: found.account })}</Note>
      )}
      {found && found.spaces.length > 0 && !settle.busy && (
        <Spaces found={found} chosen={space} onChoose={setSpace} />
      )}
    </>
  );
  return { body, footer, submit: () => void submit() };
}

const labelOf = ({ name, baseUrl, settings }: Source): string =>
  [name, hostOf(baseUrl), settings['domain']]
    .filter((part, at, all) => part && all.indexOf(part) === at)
    .join(' – ');

/** A name that nothing of its kind has: the one wished for, or with the next number. */
async function orNumbered<T>(
  name: string,
  taken: readonly string[],
  make: (name: string) => Promise<T>,
): Promise<T> {
  const wished = [name, ...taken.map((_, at) => `${name} (${at + 2})`)];
  return make(wished.find((each) => !taken.includes(each)) ?? `${name} (${taken.length + 2})`);
}

function KnownSource({ source, isSignedIn }: { source: Source; isSignedIn: boolean }) {
  return (
    <p className="card-state">
      <Status tone={isSignedIn ? 'ok' : 'muted'} icon={isSignedIn ? 'checkCircle' : 'dashed'}>
        {isSignedIn ? t('setup.signedIn') : t('signIn.none')}
      </Status>
      <span className="code muted" translate="no">
        {source.baseUrl}
      </span>
    </p>
  );
}

interface NewProps {
  readonly types: readonly SourceTypeInfo[];
  readonly type: SourceTypeInfo | undefined;
  readonly baseUrl: string;
  readonly clientId: string;
  readonly onChange: (change: Partial<Record<'type' | 'baseUrl' | 'clientId', string | undefined>>) => void;
}

/** A server that is new here: its address, and what Headgate is known as there, with what to enter there for that. */
function NewServer({ types, type, baseUrl, clientId, onChange }: NewProps) {
  return (
    <>
      {types.length > 1 && (
        <SelectField
          label={t('sources.type')}
          value={type?.type ?? ''}
          onChange={(value) => onChange({ type: value, baseUrl: undefined, clientId: undefined })}
          options={types.map((each) => ({ value: each.type, label: each.title }))}
        />
      )}
      <TextField
        label={t('sources.baseUrl')}
        help={t('sources.baseUrlHelp')}
        inputMode="url"
        translate="no"
        data-first
        value={baseUrl}
        onChange={(value) => onChange({ baseUrl: value })}
      />
      <TextField
        label={t('sources.clientId')}
        help={t(type?.apiKeys ? 'sources.clientIdOptionalHelp' : 'sources.clientIdHelp')}
        optional={type?.apiKeys != null}
        translate="no"
        value={clientId}
        onChange={(value) => onChange({ clientId: value })}
      />
      <details className="registration-more">
        <summary>{t('registration.open')}</summary>
        <Registration baseUrl={baseUrl} sourceType={type?.type ?? ''} />
      </details>
    </>
  );
}

interface SignInStepProps {
  readonly source: Source;
  /** Whether the source takes API keys. */
  readonly keys: boolean;
  readonly projectId: string;
  readonly onDone: () => void;
  readonly onBack: () => void;
}

/** The sign-in, right here: in the browser, or with a key where the source has no client to do that with. */
function SignInStep({ source, keys, projectId, onDone, onBack }: SignInStepProps) {
  const [byKey, setByKey] = useState(keys && source.clientId === '');
  if (byKey) {
    return (
      <SignIn
        sourceId={source.id}
        sourceName={source.name}
        projectId={projectId}
        onClose={onBack}
        onDone={onDone}
      />
    );
  }
  return (
    <InBrowser
      source={source}
      projectId={projectId}
      onDone={onDone}
      onBack={onBack}
      onKey={keys ? () => setByKey(true) : undefined}
    />
  );
}

interface InBrowserProps extends Omit<SignInStepProps, 'keys'> {
  readonly onKey: (() => void) | undefined;
}

function InBrowser({ source, projectId, onDone, onBack, onKey }: InBrowserProps) {
  const signIn = useBrowserSignIn({ sourceId: source.id, projectId, atOnce: true, onDone });
  return (
    <section className="setup-card" aria-label={t('signIn.title', { name: source.name })}>
      <BrowserWaiting signIn={signIn} source={source} />
      <p className="actions">
        {!signIn.action.busy && (
          <Button tone="primary" onClick={() => void signIn.begin()}>
            {t('action.tryAgain')}
          </Button>
        )}
        {signIn.action.busy && signIn.url !== null && (
          <CopyTextButton text={signIn.url} label={t('signIn.copyLink')} />
        )}
        <Button
          onClick={() => {
            signIn.action.cancel();
            onBack();
          }}
        >
          {t(signIn.action.busy ? 'signIn.cancel' : 'setup.back')}
        </Button>
        {onKey && (
          <Button
            tone="quiet"
            onClick={() => {
              signIn.action.cancel();
              onKey();
            }}
          >
            {t('signIn.useKey')}
          </Button>
        )}
      </p>
    </section>
  );
}

interface SpacesProps {
  readonly found: Discovery;
  readonly chosen: string;
  readonly onChoose: (space: string) => void;
}

/** Which of the project spaces that the account can see is read. */
function Spaces({ found, chosen, onChoose }: SpacesProps) {
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const options = found.spaces.filter((each) => `${each.label} ${each.value}`.toLowerCase().includes(wanted));
  return (
    <>
      <p>{t('sources.spaceLead', { account: found.account })}</p>
      {found.spaces.length > many && (
        <TextField label={t('sources.spaceFilter')} type="search" value={filter} onChange={setFilter} />
      )}
      <RadioField
        legend={t('sources.spaceLegend')}
        value={chosen}
        onChange={onChoose}
        options={options.map(({ value, label }) => ({
          ...{ value, label },
          ...(label === value ? {} : { help: value }),
        }))}
      />
    </>
  );
}
