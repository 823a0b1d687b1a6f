import type { Dataset } from '../../../preload/contract/models.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { type State, stateOf, type Watched } from '../../watch/dataset-state.ts';
import { completeness, dataLook, noteLook, noteOf, sentences, watchedSentences } from '../../watch/state.ts';
import { Status } from '../status.tsx';

/** How good the data is, and beside it what is done about it or whom it waits for. */
export function StateBadges({ state }: { state: State }) {
  const note = noteOf(state);
  // What can't be read now is not shown in green, however new it is.
  const look = dataLook[state.data];
  const tone = state.need === 'database' && look.tone === 'ok' ? 'muted' : look.tone;
  return (
    <span className="badges">
      <Status tone={tone} icon={look.icon}>
        {t(`dataState.${state.data}`)}
      </Status>
      {note !== null && (
        <Status tone={noteLook[note].tone} icon={noteLook[note].icon}>
          {t(`note.${note}`)}
        </Status>
      )}
    </span>
  );
}

export function FreshnessStatus({ dataset }: { dataset: Dataset }) {
  return <StateBadges state={stateOf(dataset, useNow())} />;
}

/** The sentences of a link, with a dataset or without. */
export function WatchedText({ watched }: { watched: Watched }) {
  const now = useNow();
  return (
    <span className="sentences">
      {watchedSentences(watched, now).map((sentence) => (
        <span key={sentence}>{sentence} </span>
      ))}
    </span>
  );
}

/** With `onlyData` only how good the data is, where a job or an error has its own place beside it. */
export function FreshnessText({ dataset, onlyData }: { dataset: Dataset; onlyData?: boolean }) {
  const now = useNow();
  return (
    <span className="sentences">
      {(onlyData ? [completeness(dataset, now)] : sentences(dataset, now)).map((sentence) => (
        <span key={sentence}>{sentence} </span>
      ))}
    </span>
  );
}
