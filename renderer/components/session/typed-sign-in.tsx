import { useRef, useState } from 'react';
import type { TypedField } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { focusFirstInvalid } from '../../focus.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { useRefusal } from '../../refusal.ts';
import type { TypedWay } from '../../source-kinds.ts';
import { Button } from '../button.tsx';
import { Panel } from '../dialogs.tsx';
import { ErrorNotice } from '../error-notice.tsx';
import { TextField } from '../fields.tsx';
import type { SignInProps } from './sign-in-props.ts';

interface TypedSignInProps extends SignInProps {
  readonly way: TypedWay;
  /** Where what is typed is sent to. */
  readonly server: string;
  /** Undefined where the source has no way to sign in in the browser, or no client for it. */
  readonly onBrowser: (() => void) | undefined;
}

/** Asks for what the kind of source declares, which is tried at the source before it takes the place of anything. */
export function TypedSignIn({
  sourceId,
  sourceName,
  projectId,
  way,
  server,
  onDone,
  onClose,
  onBrowser,
}: TypedSignInProps) {
  const [entered, setEntered] = useState<Readonly<Record<string, string>>>({});
  const [problems, setProblems] = useState<Readonly<Record<string, string | undefined>>>({});
  const body = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const enteredIn = (name: string): string => entered[name] ?? '';
  const fields = Object.fromEntries(way.fields.map(({ name }) => [name, enteredIn(name)]));
  const attempt = useAction((client, signal) =>
    client.credentials.signInWith(
      { sourceId, kind: way.kind, fields, ...(projectId === undefined ? {} : { projectId }) },
      { signal },
    ),
  );
  const refused = useRefusal<string>(
    attempt.error,
    Object.fromEntries(way.fields.map(({ name }) => [`fields.${name}`, name])),
    (found) => setProblems(found),
    body,
  );
  const submit = async () => {
    const missing = Object.fromEntries(
      way.fields.flatMap(({ name }) => (enteredIn(name).trim() === '' ? [[name, t('field.required')]] : [])),
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
      lead={leadOf(way, onBrowser !== undefined, server)}
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
            {t(way.kind === 'connection' ? 'signIn.useConnection' : 'signIn.start')}
          </Button>
        </>
      }
    >
      <div className="form" ref={body}>
        {refused && <ErrorNotice error={refused} stillWorks={t('signIn.stillWorks')} urgent />}
        {way.fields.map((field, at) => (
          <TextField
            key={field.name}
            {...(at === 0 ? { ref: first } : {})}
            label={sentence(field.label, field.name)}
            help={helpOf(field, server)}
            {...(isSecret(field) ? { type: 'password' as const } : { translate: 'no' as const })}
            {...(field.content === 'email' ? { inputMode: 'email' as const } : {})}
            value={enteredIn(field.name)}
            onChange={(value) => setEntered((known) => ({ ...known, [field.name]: value }))}
            error={problems[field.name]}
          />
        ))}
      </div>
    </Panel>
  );
}

const isSecret = ({ content }: TypedField): boolean => content === 'key' || content === 'password';

function helpOf(field: TypedField, server: string): string {
  const where = sentence(field.help);
  if (field.content === 'key') return t('signIn.keyHelp', { where, server });
  return field.content === 'password' ? t('signIn.passwordHelp', { where, server }) : where;
}

function leadOf({ kind }: TypedWay, hasBrowser: boolean, server: string): string {
  if (kind === 'none') return t('signIn.noneLead');
  if (kind === 'connection') return t('signIn.connectionLead', { name: server });
  if (kind === 'password') return t('signIn.passwordLead');
  return t(hasBrowser ? 'signIn.keyLead' : 'signIn.keyOnlyLead');
}
