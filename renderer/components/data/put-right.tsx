import { t } from '../../i18n/index.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { SignInHere } from '../session/sign-in-here.tsx';
import { SyncNow } from './sync-now.tsx';

interface NextStepProps {
  readonly watched: Watched;
  readonly primary?: boolean;
}

/**
 * The next step of a link: sign in where that is what is missing (a sync could only fail), else sync. Nothing for whoever
 * looks at what only others read, and nothing beside a review: to read anew would throw away what waits for it.
 */
export function NextStep({ watched: { link, dataset, state }, primary = false }: NextStepProps) {
  const { need } = state;
  if (need === 'signIn' || need === 'reconnect')
    return <SignInHere links={[link]} expired={need === 'reconnect'} primary={primary} />;
  if (need === 'review' || (!dataset && need !== 'start')) return null;
  const of = t('dataset.name', { project: link.projectName, source: link.sourceName });
  return (
    <SyncNow
      linkId={link.id}
      of={of}
      dataset={dataset}
      primary={primary}
      again={state.doing === 'failed' || need === 'fix'}
    />
  );
}
