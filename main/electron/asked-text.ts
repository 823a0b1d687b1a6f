import type { Said } from '../../preload/contract/said.ts';
import type { AskedText } from '../../preload/contract/typed.ts';
import { say } from '../../preload/messages/said.ts';
import type { TypedQuestion } from '../host.ts';

/** A question as the window that asks shows it, in the person's language; `longest`: characters of what is said of it. */
export function askedText(
  { kind, shortest, before, title, what, label, problem }: TypedQuestion,
  written: (said: Said) => string,
  longest: number,
): AskedText {
  return {
    ...{ kind, shortest, before },
    title: written(title),
    what: what === null ? '' : written(what).slice(0, longest),
    label: written(label),
    problem: problem === null ? null : written(problem),
    rule: kind === 'new' ? written(say('ask.rule', { shortest })) : '',
    problems: {
      empty: written(say('ask.empty')),
      short: written(say('ask.short', { shortest })),
      different: written(say('ask.different')),
    },
  };
}
