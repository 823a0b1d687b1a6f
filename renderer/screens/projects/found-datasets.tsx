import type { Source, SourceTypeInfo } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Note } from '../../components/error-notice.tsx';
import { t } from '../../i18n/index.ts';
import { messageOf } from '../../i18n/sentence.ts';
import { datasetsOf, scopeOf } from '../../source-kinds.ts';

/** As whom a source is asked; null where nobody is signed in whom it would answer. */
export type AskAs = { readonly id: string; readonly projectId?: string } | null;

/**
 * What can be read of a source: what every one of its kind has, and what this one has of its own, which it is asked for
 * as soon as somebody chooses. Until it answers it is what it said last.
 */
export function useDatasets(source: Source | undefined, type: SourceTypeInfo | undefined, as: AskAs) {
  const scope = scopeOf(type);
  const asks = type?.discovers === true && source !== undefined;
  const isPlaced = scope === undefined || (source?.settings[scope.name] ?? '') !== '';
  const answer = useCall('sources.discover', asks && isPlaced ? as : null);
  return {
    datasets: answer.data?.datasets ?? datasetsOf(type, source),
    state: asks ? (as === null || !isPlaced ? ('unasked' as const) : answer) : null,
  };
}

/** Why there may be nothing to choose from, or not all of it. */
export function DatasetsState({ state }: Pick<ReturnType<typeof useDatasets>, 'state'>) {
  if (state === null) return null;
  if (state === 'unasked')
    return (
      <p className="field-help" role="status">
        {t('links.datasetsSignIn')}
      </p>
    );
  if (state.error)
    return (
      <Note tone="warn">
        <p className="notice-title">{t('links.datasetsFailed')}</p>
        <p>{messageOf(state.error)}</p>
        <p className="notice-foot">
          <Button small icon="sync" onClick={state.reload}>
            {t('action.tryAgain')}
          </Button>
        </p>
      </Note>
    );
  return state.data ? null : (
    <p className="field-help" role="status">
      {t('links.datasetsAsked')}
    </p>
  );
}
