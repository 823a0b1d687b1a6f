import { useLayoutEffect, useRef, useState } from 'react';
import { useAction, useCall, useEvent } from '../../api.ts';
import { formatCountdown } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { Button } from '../button.tsx';
import { CopyTextButton } from '../copy.tsx';
import { Box } from '../dialogs.tsx';
import { ErrorNotice } from '../error-notice.tsx';
import { Spinner } from '../icons.tsx';
import { KeySignIn } from './key-sign-in.tsx';
import type { SignInProps } from './sign-in-props.ts';

/** How long the main process waits for the browser; shown as a countdown. */
const patience = 180_000;
/** So long it usually takes; who waits longer may look at a page that says why. */
const nothingCame = 30_000;

/**
 * Signs in in the browser, or with an API key where the source takes them. It begins with the browser where the source has a
 * client to do that with; of most sources nobody has registered one.
 */
export function SignIn(props: SignInProps) {
  const source = useCall('sources.list', {}).data?.find((each) => each.id === props.sourceId);
  const types = useCall('sources.types', {}).data;
  const [byKey, setByKey] = useState<boolean | null>(null);
  if (!source || !types) return null;
  const keys = types.find((each) => each.type === source.sourceType)?.apiKeys ?? null;
  if (keys !== null && (byKey ?? (source.clientId === '' || source.credential?.kind === 'api_key'))) {
    return (
      <KeySignIn
        {...props}
        keys={keys}
        server={source.baseUrl}
        onBrowser={source.clientId === '' ? undefined : () => setByKey(false)}
      />
    );
  }
  return (
    <BrowserSignIn
      {...props}
      clientId={source.clientId}
      onKey={keys === null ? undefined : () => setByKey(true)}
    />
  );
}

interface BrowserSignInProps extends SignInProps {
  readonly clientId: string;
  /** Undefined where the source takes no keys. */
  readonly onKey: (() => void) | undefined;
}

/** Waits for the consent in the system browser. Starts at once: opening this dialog is the wish to sign in. */
function BrowserSignIn({
  sourceId,
  sourceName,
  projectId,
  clientId,
  onDone,
  onClose,
  onKey,
}: BrowserSignInProps) {
  const [url, setUrl] = useState<string | null>(null);
  const [since, setSince] = useState(Date.now);
  const now = useNow(1000);
  useEvent('signIn.opened', (opened) => {
    if (opened.sourceId === sourceId) setUrl(opened.url);
  });
  const signIn = useAction((client, signal) =>
    client.credentials.signIn({ sourceId, ...(projectId === undefined ? {} : { projectId }) }, { signal }),
  );
  const begin = async () => {
    setUrl(null);
    setSince(Date.now());
    const credential = await signIn.run();
    if (credential) onDone(credential);
  };
  const started = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per opening, also where effects run twice
  useLayoutEffect(() => {
    if (started.current) return;
    started.current = true;
    void begin();
  }, []);
  const close = () => {
    signIn.cancel();
    onClose();
  };
  const changeToKey = () => {
    signIn.cancel();
    onKey?.();
  };
  return (
    <Box
      open
      title={t('signIn.title', { name: sourceName })}
      onClose={close}
      footer={
        <>
          {onKey && (
            <Button tone="quiet" onClick={changeToKey}>
              {t('signIn.useKey')}
            </Button>
          )}
          {signIn.busy && url !== null && <CopyTextButton text={url} label={t('signIn.copyLink')} />}
          <Button onClick={close}>{signIn.busy ? t('signIn.cancel') : t('action.close')}</Button>
          {!signIn.busy && (
            <Button tone="primary" onClick={() => void begin()}>
              {t('action.tryAgain')}
            </Button>
          )}
        </>
      }
    >
      {signIn.busy && (
        <>
          <p className="waiting" role="status">
            <Spinner size={18} />
            <strong>{t('signIn.finish')}</strong>
            <span className="number countdown" role="timer" aria-label={t('signIn.timeLeft')}>
              {formatCountdown(since + patience - now)}
            </span>
          </p>
          <p className="muted">{t('signIn.explain')}</p>
          {url !== null && <p className="muted">{t('signIn.noBrowser')}</p>}
          {now - since > nothingCame && (
            <p role="status">{t('signIn.nothingCame', { clientId: clientId || t('state.notSet') })}</p>
          )}
        </>
      )}
      {signIn.error && <ErrorNotice error={signIn.error} stillWorks={t('signIn.stillWorks')} urgent />}
      {!signIn.busy && !signIn.error && <p>{t('signIn.cancelled')}</p>}
    </Box>
  );
}
