import { useState } from 'react';
import type { Source } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { inWords } from '../../source-words.ts';
import { Button } from '../button.tsx';
import { CopyTextButton } from '../copy.tsx';
import { Box } from '../dialogs.tsx';
import { BrowserWaiting, useBrowserSignIn } from './browser-sign-in.tsx';
import { KeySignIn } from './key-sign-in.tsx';
import type { SignInProps } from './sign-in-props.ts';

/**
 * Signs in in the browser, or with an API key where the source takes them. It begins with the browser where the source has a
 * client to do that with; of most sources nobody has registered one.
 */
export function SignIn(props: SignInProps) {
  const source = useCall('sources.list', {}).data?.find((each) => each.id === props.sourceId);
  const types = useCall('sources.types', {}).data;
  const [byKey, setByKey] = useState<boolean | null>(null);
  if (!source || !types) return null;
  const type = types.find((each) => each.type === source.sourceType);
  const keys = type ? inWords(type).apiKeys : null;
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
  return <InBrowser {...props} source={source} onKey={keys === null ? undefined : () => setByKey(true)} />;
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
