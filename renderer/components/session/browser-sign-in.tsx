import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Credential, Source } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { type Action, useAction, useCall, useEvent } from '../../api.ts';
import { formatCountdown } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { browserWayOf } from '../../source-kinds.ts';
import { Button } from '../button.tsx';
import { ErrorNotice, Note } from '../error-notice.tsx';
import { TextField } from '../fields.tsx';
import { Spinner } from '../icons.tsx';
import { Registration } from './registration.tsx';

/** How long the main process waits for the browser; shown as a countdown. In milliseconds. */
const patience = 180_000;
/** So long it usually takes; who waits longer may look at a page that says why. In milliseconds. */
const nothingCame = 20_000;

export interface BrowserSignIn {
  readonly action: Action<[], Credential>;
  /** The page that was opened, once it is known. */
  readonly url: string | null;
  /** Whether nothing has come back for longer than it usually takes. */
  readonly silent: boolean;
  readonly left: string;
  begin(): Promise<void>;
}

/**
 * Signs in in the system browser, and notices when nothing comes back. With `atOnce` it begins when this is first drawn:
 * opening it is the wish to sign in.
 */
export function useBrowserSignIn({
  sourceId,
  projectId,
  atOnce,
  onDone,
}: {
  readonly sourceId: string;
  readonly projectId?: string | undefined;
  readonly atOnce: boolean;
  readonly onDone: (credential: Credential) => void;
}): BrowserSignIn {
  const [url, setUrl] = useState<string | null>(null);
  const [since, setSince] = useState(Date.now);
  const now = useNow(1000);
  useEvent('signIn.opened', (opened) => {
    if (opened.sourceId === sourceId) setUrl(opened.url);
  });
  const action = useAction((client, signal) =>
    client.credentials.signIn({ sourceId, ...(projectId === undefined ? {} : { projectId }) }, { signal }),
  );
  const running = useRef<Promise<unknown> | null>(null);
  const begin = async () => {
    // One that was given up for this one lets go first.
    await running.current;
    setUrl(null);
    setSince(Date.now());
    const run = action.run();
    running.current = run;
    const credential = await run;
    if (running.current === run) running.current = null;
    if (credential) onDone(credential);
  };
  const started = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per opening, also where effects run twice
  useLayoutEffect(() => {
    if (started.current || !atOnce) return;
    started.current = true;
    void begin();
  }, []);
  return {
    ...{ action, url, begin },
    silent: action.busy && now - since > nothingCame,
    left: formatCountdown(since + patience - now),
  };
}

interface WaitingProps {
  readonly signIn: BrowserSignIn;
  readonly source: Pick<Source, 'id' | 'baseUrl' | 'clientId' | 'sourceType'>;
}

/** What one sees while the browser has the word: the time left, the way to the page, and what to look at when nothing comes. */
export function BrowserWaiting({ signIn, source }: WaitingProps) {
  const { action, url, silent, left } = signIn;
  const mayChange = useAccess().may('manage_sources');
  const [fixing, setFixing] = useState(false);
  // Refused at once, or nothing that comes back: the client is what is wrong most often.
  const asks = silent || action.error?.code === 'OAUTH_CLIENT_REFUSED';
  return (
    <>
      {action.busy && (
        <>
          <p className="waiting" role="status">
            <Spinner size={18} />
            <strong>{t('signIn.finish')}</strong>
            <span className="number countdown" role="timer" aria-label={t('signIn.timeLeft')}>
              {left}
            </span>
          </p>
          <p className="muted">{t('signIn.explain')}</p>
          {url !== null && <p className="muted">{t('signIn.noBrowser')}</p>}
        </>
      )}
      {action.error && <ErrorNotice error={action.error} stillWorks={t('signIn.stillWorks')} urgent />}
      {!action.busy && !action.error && <p>{t('signIn.cancelled')}</p>}
      {/* There before it speaks: what comes onto a page together with its text is not said everywhere. */}
      <div role="status">
        {asks && (
          <Note tone="warn">
            {silent && <p className="notice-title">{t('signIn.silent')}</p>}
            <p>{t('signIn.nothingCame', { clientId: source.clientId || t('state.notSet') })}</p>
            {mayChange && !fixing && (
              <p className="notice-foot">
                <Button small icon="edit" onClick={() => setFixing(true)}>
                  {t('signIn.checkClient')}
                </Button>
              </p>
            )}
          </Note>
        )}
      </div>
      {asks && fixing && (
        <ClientFix
          source={source}
          onSaved={() => {
            setFixing(false);
            action.cancel();
            void signIn.begin();
          }}
        />
      )}
    </>
  );
}

interface FixProps {
  readonly source: Pick<Source, 'id' | 'baseUrl' | 'clientId' | 'sourceType'>;
  readonly onSaved: () => void;
}

/** Corrects the client id where somebody waits for what it keeps from coming, with what its registration must say. */
function ClientFix({ source, onSaved }: FixProps) {
  const [clientId, setClientId] = useState(source.clientId);
  const type = useCall('sources.types', {}).data?.find((each) => each.type === source.sourceType);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
  }, []);
  const save = useAction((client) => client.sources.update({ id: source.id, clientId: clientId.trim() }));
  const submit = async () => {
    if (clientId.trim() !== '' && (await save.run())) onSaved();
  };
  return (
    <div className="form">
      <Registration baseUrl={source.baseUrl} page={browserWayOf(type)?.registerPath ?? null} />
      {save.error && <ErrorNotice error={save.error} urgent />}
      <TextField
        ref={field}
        label={t('sources.clientId')}
        translate="no"
        value={clientId}
        onChange={setClientId}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          void submit();
        }}
      />
      <p className="actions">
        <Button tone="primary" busy={save.busy} onClick={() => void submit()}>
          {t('signIn.saveClient')}
        </Button>
      </p>
    </div>
  );
}
