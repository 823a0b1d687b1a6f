import { useRef, useState } from 'react';
import type { SourceTypeInfo } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { focusFirstInvalid } from '../../focus.ts';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';
import { Button } from '../button.tsx';
import { Panel } from '../dialogs.tsx';
import { ErrorNotice } from '../error-notice.tsx';
import { TextField } from '../fields.tsx';
import type { SignInProps } from './sign-in-props.ts';

interface KeySignInProps extends SignInProps {
  readonly keys: NonNullable<SourceTypeInfo['apiKeys']>;
  /** Where user name and key are sent to. */
  readonly server: string;
  /** Undefined where the source has no client to sign in with in the browser. */
  readonly onBrowser: (() => void) | undefined;
}

/** Asks for a user name and an API key, which are tried at the source before they take the place of anything. */
export function KeySignIn({
  sourceId,
  sourceName,
  projectId,
  keys,
  server,
  onDone,
  onClose,
  onBrowser,
}: KeySignInProps) {
  const [user, setUser] = useState('');
  const [apiKey, setApiKey] = useState('');
  const [problems, setProblems] = useState<Partial<Record<'user' | 'apiKey', string>>>({});
  const body = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const attempt = useAction((client, signal) =>
    client.credentials.signInByKey(
      { sourceId, user, apiKey, ...(projectId === undefined ? {} : { projectId }) },
      { signal },
    ),
  );
  const refused = useRefusal<'user' | 'apiKey'>(
    attempt.error,
    { user: 'user', apiKey: 'apiKey' },
    (found) => setProblems(found),
    body,
  );
  const submit = async () => {
    const missing = Object.fromEntries(
      Object.entries({ user, apiKey }).flatMap(([field, value]) =>
        value.trim() === '' ? [[field, t('field.required')]] : [],
      ),
    );
    setProblems(missing);
    if (Object.keys(missing).length > 0) return focusFirstInvalid(body.current);
    const credential = await attempt.run();
    if (credential) onDone(credential);
  };
  const close = () => {
    attempt.cancel();
    onClose();
  };
  return (
    <Panel
      open
      title={t('signIn.title', { name: sourceName })}
      lead={t(onBrowser ? 'signIn.keyLead' : 'signIn.keyOnlyLead')}
      onClose={close}
      onSubmit={() => void submit()}
      initialFocus={first}
      footer={
        <>
          {onBrowser && (
            <Button tone="quiet" icon="external" onClick={onBrowser}>
              {t('signIn.useBrowser')}
            </Button>
          )}
          <Button tone="quiet" onClick={close}>
            {t('action.cancel')}
          </Button>
          <Button tone="primary" type="submit" busy={attempt.busy}>
            {t('signIn.start')}
          </Button>
        </>
      }
    >
      <div className="form" ref={body}>
        {refused && <ErrorNotice error={refused} stillWorks={t('signIn.stillWorks')} urgent />}
        <TextField
          ref={first}
          label={keys.userLabel}
          help={t('signIn.keyUserHelp')}
          translate="no"
          value={user}
          onChange={setUser}
          error={problems.user}
        />
        <TextField
          label={t('signIn.key')}
          help={t('signIn.keyHelp', { where: keys.help, server })}
          type="password"
          value={apiKey}
          onChange={setApiKey}
          error={problems.apiKey}
        />
      </div>
    </Panel>
  );
}
