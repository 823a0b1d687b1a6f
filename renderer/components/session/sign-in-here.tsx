import { useState } from 'react';
import type { Link } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { t } from '../../i18n/index.ts';
import { later } from '../../later.tsx';
import { Button } from '../button.tsx';
import { useNotify, useToldAction } from '../toasts.tsx';

/** Of a file of its own: most who look at a state do not sign in. */
const { Screen: SignIn } = later(() => import('./sign-in.tsx').then((file) => file.SignIn));

interface SignInHereProps {
  /** What waits for the sign-in; all of one account. Syncs of them begin once it is there. */
  readonly links: readonly Pick<Link, 'id' | 'projectId' | 'sourceId' | 'sourceName' | 'credentialMode'>[];
  /** One that worked has ended. */
  readonly expired: boolean;
  readonly primary?: boolean;
}

/** Signs in where somebody stands, and lets go on what waited for it. */
export function SignInHere({ links, expired, primary }: SignInHereProps) {
  const notify = useNotify();
  const access = useAccess();
  const [open, setOpen] = useState(false);
  const begin = useToldAction(async (client) => {
    for (const { id } of links) await client.syncs.start({ linkId: id });
  });
  const [first] = links;
  if (!first) return null;
  const ofProject = first.credentialMode === 'project';
  const name = first.sourceName;
  return (
    <>
      <Button
        small
        icon="external"
        tone={primary ? 'primary' : 'plain'}
        busy={begin.busy}
        blocked={
          access.reason('authorise_sources') ?? (ofProject ? access.reason('manage_projects') : undefined)
        }
        aria-label={t(expired ? 'signIn.againOf' : 'signIn.startOf', { name })}
        onClick={() => setOpen(true)}
      >
        {expired ? t('signIn.again') : t('signIn.start')}
      </Button>
      {open && (
        <SignIn
          sourceId={first.sourceId}
          sourceName={name}
          projectId={ofProject ? first.projectId : undefined}
          onClose={() => setOpen(false)}
          onDone={(credential) => {
            setOpen(false);
            notify.done(t('signIn.doneToast', { account: credential.account }));
            if (access.may('run_syncs')) void begin.run();
          }}
        />
      )}
    </>
  );
}
