import { useState } from 'react';
import type { Source } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { beginsInBrowser, browserWayOf, placeOf, typedWayOf } from '../../source-kinds.ts';
import { Button } from '../button.tsx';
import { CopyTextButton } from '../copy.tsx';
import { Box } from '../dialogs.tsx';
import { BrowserWaiting, useBrowserSignIn } from './browser-sign-in.tsx';
import type { SignInProps } from './sign-in-props.ts';
import { TypedSignIn } from './typed-sign-in.tsx';

/**
 * Signs in in the browser, or with what is typed in where the source takes that. It begins with the browser where the source
 * has a client to do that with; of most sources nobody has registered one.
 */
export function SignIn(props: SignInProps) {
  const source = useCall('sources.list', {}).data?.find((each) => each.id === props.sourceId);
  const types = useCall('sources.types', {}).data;
  const [typing, setTyping] = useState<boolean | null>(null);
  if (!source || !types) return null;
  const type = types.find((each) => each.type === source.sourceType);
  const way = typedWayOf(type);
  const canBrowse = browserWayOf(type) !== undefined && (way === undefined || source.clientId !== '');
  const usual = !beginsInBrowser(type, source) || source.credential?.kind === way?.kind;
  if (way !== undefined && (!canBrowse || (typing ?? usual))) {
    return (
      <TypedSignIn
        {...props}
        way={way}
        server={placeOf(source)}
        onBrowser={canBrowse ? () => setTyping(false) : undefined}
      />
    );
  }
  return (
    <InBrowser {...props} source={source} onKey={way === undefined ? undefined : () => setTyping(true)} />
  );
}

interface BrowserSignInProps extends SignInProps {
  readonly source: Source;
  /** Undefined where the source takes no keys. */
  readonly onKey: (() => void) | undefined;
}

/** Waits for the consent in the system browser. */
function InBrowser({ source, sourceName, projectId, onDone, onClose, onKey }: BrowserSignInProps) {
  const signIn = useBrowserSignIn({ sourceId: source.id, projectId, atOnce: true, onDone });
  const { action, url } = signIn;
  const close = () => {
    action.cancel();
    onClose();
  };
  const changeToKey = () => {
    action.cancel();
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
          {action.busy && url !== null && <CopyTextButton text={url} label={t('signIn.copyLink')} />}
          <Button onClick={close}>{action.busy ? t('signIn.cancel') : t('action.close')}</Button>
          {!action.busy && (
            <Button tone="primary" onClick={() => void signIn.begin()}>
              {t('action.tryAgain')}
            </Button>
          )}
        </>
      }
    >
      <BrowserWaiting signIn={signIn} source={source} />
    </Box>
  );
}
