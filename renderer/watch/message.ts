import { formatMoment, formatToday } from '../format.ts';
import { t } from '../i18n/index.ts';
import { stateOf, type Watched } from './dataset-state.ts';
import { watchedSentences } from './state.ts';

/** Marks that every phone can draw: good, look at it, nothing there. */
const marks = { upToDate: '✓', late: '!', none: '–', gone: '–' } as const;

/**
 * How fresh the data is, as plain text to send to somebody: the sentence, then a line for each source. Nothing in it tells
 * of servers, accounts or errors.
 */
export function freshnessMessage(sentence: string, watched: readonly Watched[], now: number): string {
  const lines = watched.map((each) => {
    const { link, dataset, state, asOf } = each;
    const name = t('dataset.name', { project: link.projectName, source: link.sourceName });
    const data = dataset ? stateOf(dataset, now).data : state.data;
    const complete =
      asOf === null
        ? (watchedSentences(each, now).at(-1) ?? '')
        : t('sentence.complete', { asOf: formatMoment(asOf, now) });
    return `${marks[data]} ${t('message.line', { name, sentence: complete })}`;
  });
  return [sentence.trim(), ...lines, t('message.asOf', { time: formatToday(now) })].join('\n');
}
