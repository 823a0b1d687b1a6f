import { useState } from 'react';
import { addressOfConnection } from '../../../preload/contract/connection-address.ts';
import type { Discovery, Source, SourceTypeInfo } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { hostOf } from '../../addresses.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { type ChosenConnection, ConnectionChoice } from '../../components/connection-choice.tsx';
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
import { sentence } from '../../i18n/sentence.ts';
import {
  beginsInBrowser,
  browserWayOf,
  isReadOver,
  placeOf,
  scopeOf,
  shortPlaceOf,
  typedWayOf,
} from '../../source-kinds.ts';
import { allInWords } from '../../source-words.ts';
import type { Step } from './steps.tsx';

/** What the source step decides. */
export interface ChosenSource {
  readonly projectId: string;
  readonly sourceId: string;
  /** What of the source is read, as people call it there. */
  readonly title: string;
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
  const [place, setPlace] = useState('');
  const project = owner ?? projectId;
  const type = types.find((each) => each.type === (source?.sourceType ?? draft.type ?? types[0]?.type));
  // Whoever knows one server of a kind mostly means it again.
  const like = sources.find((each) => each.sourceType === type?.type);
  const [lent, setLent] = useState<ChosenConnection | null>(null);
  const baseUrl = isReadOver(type)
    ? lent === null
      ? ''
      : addressOfConnection(lent.id)
    : (draft.baseUrl ?? like?.baseUrl ?? type?.defaultBaseUrl ?? '');
  const clientId = draft.clientId ?? like?.clientId ?? browserWayOf(type)?.defaultClientId ?? '';
  const scope = scopeOf(type);
  const isSignedIn = credentials.some(
    (each) => each.sourceId === source?.id && each.projectId === project && project !== null && isGood(each),
  );

  const discover = useAction((client, signal, of: { id: string; projectId: string }) =>
    client.sources.discover(of, { signal }),
  );
  /** Where the project stands with a source after somebody signed in: on, or at the choice of what is read. */
  const goOn = async (of: Source, into: string) => {
    const there = scope && of.settings[scope.name];
    if (!scope || there) return onDone({ projectId: into, sourceId: of.id, title: there || of.name });
    const answer = await discover.run({ id: of.id, projectId: into });
    if (!answer) return;
    setFound(answer);
    const only = answer.scopes.length === 1 ? answer.scopes[0] : undefined;
    if (only) await settle.run(of, into, only.value, only.label);
    return;
  };
  const settle = useAction(
    async (client, _signal, of: Source, into: string, value: string, label: string) => {
      await client.sources.update({
        ...{ id: of.id, settings: { ...of.settings, ...(scope ? { [scope.name]: value } : {}) } },
      });
      onDone({ projectId: into, sourceId: of.id, title: label });
    },
  );
  const prepare = useAction(async (client) => {
    const name = isReadOver(type) ? (lent?.name ?? '') : hostOf(baseUrl);
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
    return { into, made: ready };
  });

  const lend = useAction((client, signal, of: { sourceId: string; projectId: string }) =>
    client.credentials.signInWith({ ...of, kind: 'connection', fields: {} }, { signal }),
  );
  const busy = prepare.busy || lend.busy || discover.busy || settle.busy;
  const submit = async () => {
    if (busy || signingIn) return;
    if (found && source && project !== null) {
      const picked = found.scopes.find((each) => each.value === place);
      if (picked) await settle.run(source, project, picked.value, picked.label);
      return;
    }
    const ready = await prepare.run();
    if (!ready) return;
    if (isSignedIn && source) await goOn(source, ready.into);
    // Nothing is to be entered: that it may be read was said where the connection was chosen.
    else if (isReadOver(type)) {
      if (await lend.run({ sourceId: ready.made.id, projectId: ready.into }))
        await goOn(ready.made, ready.into);
    } else setSigningIn(true);
  };
  const error = prepare.error ?? lend.error ?? discover.error ?? settle.error;
  const blocked =
    access.reason('manage_projects') ??
    (found && place === '' ? t('sources.scopeFirst') : undefined) ??
    (!source && baseUrl.trim() === '' ? t('field.required') : undefined);
  const footer = (
    <>
      <Button tone="quiet" onClick={onClose}>
        {t('action.cancel')}
      </Button>
      {!signingIn && (
        <Button tone="primary" type="submit" busy={busy} blocked={blocked}>
          {t(
            found
              ? 'sources.scopeUse'
              : isSignedIn
                ? 'setup.goOn'
                : isReadOver(type)
                  ? 'signIn.useConnection'
                  : 'signIn.start',
          )}
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
              lent={lent}
              onLend={setLent}
              onChange={(change) => setDraft((known) => ({ ...known, ...change }))}
            />
          )}
        </>
      )}
      {signingIn && source && project !== null && (
        <SignInStep
          source={source}
          type={type}
          projectId={project}
          onDone={() => {
            setSigningIn(false);
            void goOn(source, project);
          }}
          onBack={() => setSigningIn(false)}
        />
      )}
      {!found && isReadOver(type) && !isSignedIn && (source?.readOver ?? lent) && (
        <Note tone="info">
          {t('signIn.connectionLead', { name: (source?.readOver ?? lent)?.name ?? '' })}
        </Note>
      )}
      {discover.busy && <SkeletonRows rows={3} label={t('sources.scopeLoading')} />}
      {found?.scopes.length === 0 && (
        <Note tone="warn">{t('sources.scopeNone', { account: found.account })}</Note>
      )}
      {found && found.scopes.length > 0 && !settle.busy && (
        <Scopes found={found} legend={sentence(scope?.label)} chosen={place} onChoose={setPlace} />
      )}
    </>
  );
  return { body, footer, submit: () => void submit() };
}

const labelOf = ({ name, settings, ...place }: Source): string =>
  [name, shortPlaceOf(place), ...Object.values(settings)]
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
        {placeOf(source)}
      </span>
    </p>
  );
}

interface NewProps {
  readonly types: readonly SourceTypeInfo[];
  readonly type: SourceTypeInfo | undefined;
  readonly baseUrl: string;
  readonly clientId: string;
  /** The connection that a source without a server of its own is read over. */
  readonly lent: ChosenConnection | null;
  readonly onLend: (connection: ChosenConnection | null) => void;
  readonly onChange: (change: Partial<Record<'type' | 'baseUrl' | 'clientId', string | undefined>>) => void;
}

/** A server that is new here: its address, and what Headgate is known as there, with what to enter there for that. */
function NewServer({ types, type, baseUrl, clientId, lent, onLend, onChange }: NewProps) {
  const browser = browserWayOf(type);
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
      {isReadOver(type) ? (
        <ConnectionChoice
          all
          label={t('sources.connection')}
          help={t('sources.connectionHelp')}
          chosen={lent}
          onChange={onLend}
        />
      ) : (
        <TextField
          label={t('sources.baseUrl')}
          help={t('sources.baseUrlHelp')}
          inputMode="url"
          translate="no"
          data-first
          value={baseUrl}
          onChange={(value) => onChange({ baseUrl: value })}
        />
      )}
      {browser && (
        <>
          <TextField
            label={t('sources.clientId')}
            help={t(typedWayOf(type) ? 'sources.clientIdOptionalHelp' : 'sources.clientIdHelp')}
            optional={typedWayOf(type) !== undefined}
            translate="no"
            value={clientId}
            onChange={(value) => onChange({ clientId: value })}
          />
          <details className="registration-more">
            <summary>{t('registration.open')}</summary>
            <Registration baseUrl={baseUrl} page={browser.registerPath} />
          </details>
        </>
      )}
    </>
  );
}

interface SignInStepProps {
  readonly source: Source;
  readonly type: SourceTypeInfo | undefined;
  readonly projectId: string;
  readonly onDone: () => void;
  readonly onBack: () => void;
}

/** The sign-in, right here: in the browser, or with what is typed in where the source has no client to do that with. */
function SignInStep({ source, type, projectId, onDone, onBack }: SignInStepProps) {
  const typed = typedWayOf(type);
  const [typing, setTyping] = useState(!beginsInBrowser(type, source));
  if (typing) {
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
      type={type}
      onTyping={typed ? () => setTyping(true) : undefined}
    />
  );
}

interface InBrowserProps extends SignInStepProps {
  readonly onTyping: (() => void) | undefined;
}

/** What is done instead of signing in in the browser. */
const instead = {
  api_key: 'signIn.useKey',
  password: 'signIn.usePassword',
  none: 'signIn.useNothing',
  connection: 'signIn.useConnection',
} as const;

function InBrowser({ source, type, projectId, onDone, onBack, onTyping }: InBrowserProps) {
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
        {onTyping && (
          <Button
            tone="quiet"
            onClick={() => {
              signIn.action.cancel();
              onTyping();
            }}
          >
            {t(instead[typedWayOf(type)?.kind ?? 'api_key'])}
          </Button>
        )}
      </p>
    </section>
  );
}

interface ScopesProps {
  readonly found: Discovery;
  readonly legend: string;
  readonly chosen: string;
  readonly onChoose: (scope: string) => void;
}

/** What of all that the account can see is read. */
function Scopes({ found, legend, chosen, onChoose }: ScopesProps) {
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const options = found.scopes.filter((each) => `${each.label} ${each.value}`.toLowerCase().includes(wanted));
  return (
    <>
      <p>{t('sources.scopeLead', { account: found.account })}</p>
      {found.scopes.length > many && (
        <TextField label={t('sources.scopeFilter')} type="search" value={filter} onChange={setFilter} />
      )}
      <RadioField
        legend={legend}
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
