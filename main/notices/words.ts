import type { NoticeEvent, NoticeOutcome, NoticeSubject } from '../../preload/contract/models.ts';
import { oneLine } from '../one-line.ts';

/*
 * What messages say, in English: names that people gave, and sentences of our own. Never a value, an address, an account or
 * what another program said.
 */

/** One thing to tell: that something is the matter, or that it is over. */
export interface Part {
  readonly id: string;
  readonly part: 'alarm' | 'recovery';
  readonly event: NoticeEvent;
  readonly subject: NoticeSubject;
  /** Of a recovery. */
  readonly outcome: NoticeOutcome | null;
  readonly openedAt: string;
  readonly closedAt: string | null;
}

export interface Sentence {
  readonly title: string;
  /** What to do; empty where there is nothing to do. */
  readonly text: string;
}

/** A name in the middle of a sentence: one line, no controls, no other direction, and not longer than is read. */
export const plainName = (name: string): string => oneLine(name).trim().slice(0, 80);

const whatOf = ({ source, project }: NoticeSubject): string =>
  [source, project].flatMap((name) => (name === null ? [] : [plainName(name)])).join(' in ') || 'A source';
const atTime = (until: string | null): string =>
  until === null ? 'soon' : `at ${until.slice(11, 16)} UTC on ${until.slice(0, 10)}`;
const waitFor = (waiting: number): string =>
  waiting === 0 ? '' : ` ${waiting === 1 ? 'One dataset waits' : `${waiting} datasets wait`} for it.`;

const alarms: Readonly<Record<NoticeEvent, (subject: NoticeSubject) => Sentence>> = {
  failed: (subject) => ({
    title: `${whatOf(subject)} could not be refreshed`,
    text: `It was tried again and again${subject.code === null ? '' : ` (${subject.code})`}. The old data stays. Open Runs to see why, and what to do.`,
  }),
  held: (subject) => ({
    title: `${whatOf(subject)} waits for your review`,
    text: 'What was read looks wrong, so the old data stays. Open Runs to publish it or not.',
  }),
  stale: (subject) => ({
    title: `${whatOf(subject)} is late`,
    text: 'Its data is older than twice its interval. Open Runs to see what keeps it.',
  }),
  sign_in_expiring: (subject) => ({
    title: `The sign-in to ${whatOf(subject)} ends ${atTime(subject.until)}`,
    text: 'It can not be renewed without you. Open Sources and choose Reconnect.',
  }),
  sign_in_expired: (subject) => ({
    title: `Sign in to ${whatOf(subject)} again`,
    text: `The sign-in is not accepted any more. Open Sources and choose Reconnect.${waitFor(subject.waiting)}`,
  }),
  signer_left: (subject) => ({
    title: `Whoever signed in to ${whatOf(subject)} has left`,
    text: 'It goes on until that account is closed. Open My credentials and choose Take over.',
  }),
  connection_down: ({ connection, code, waiting }) => ({
    title: `${plainName(connection ?? '')} ${code === 'fails' ? 'refuses to let Headgate in' : 'can not be reached'}`,
    text: `Open Connections to see why, and what to do.${waitFor(waiting)}`,
  }),
  expiring_data: (subject) => ({
    title: `Tables of ${whatOf(subject)} go ${atTime(subject.until)}`,
    text: 'Nobody uses them. Look at them, or run a query, to keep them; else they come back when somebody asks for them.',
  }),
};

const overs: Readonly<Record<NoticeEvent, (subject: NoticeSubject) => string>> = {
  failed: (subject) => `${whatOf(subject)} is refreshed again`,
  held: (subject) => `${whatOf(subject)} was reviewed`,
  stale: (subject) => `${whatOf(subject)} is up to date again`,
  sign_in_expiring: (subject) => `The sign-in to ${whatOf(subject)} was renewed`,
  sign_in_expired: (subject) => `The sign-in to ${whatOf(subject)} works again`,
  signer_left: (subject) => `The sign-in to ${whatOf(subject)} was taken over`,
  connection_down: ({ connection }) => `${plainName(connection ?? '')} works again`,
  expiring_data: (subject) => `Tables of ${whatOf(subject)} are used, and stay`,
};

const nameOf = (event: NoticeEvent, subject: NoticeSubject): string =>
  event === 'connection_down' ? plainName(subject.connection ?? '') : whatOf(subject);

/** One part in words. */
export function sentenceOf({ part, event, subject, outcome }: Part): Sentence {
  if (part === 'alarm') return alarms[event](subject);
  const name = nameOf(event, subject);
  if (outcome === 'off')
    return { title: `${name} was switched off, so nothing is the matter with it`, text: '' };
  if (outcome === 'deleted')
    return { title: `${name} was removed, so nothing is the matter with it`, text: '' };
  if (outcome === 'gone')
    return { title: `Tables of ${name} are gone`, text: 'They come back when somebody asks for them.' };
  return { title: overs[event](subject), text: '' };
}

/** More than so many of one kind are one sentence. */
const mostOfAKind = 3;

const many = (part: Part['part'], event: NoticeEvent, count: number): Sentence => {
  if (event === 'connection_down') {
    return part === 'alarm'
      ? {
          title: `${count} connections stopped answering`,
          text: 'They failed at the same time, so this computer may be offline. Nothing was changed.',
        }
      : { title: `${count} connections work again`, text: '' };
  }
  const words: Readonly<Record<Exclude<NoticeEvent, 'connection_down'>, readonly [string, string]>> = {
    failed: ['datasets could not be refreshed', 'datasets are refreshed again'],
    held: ['refreshes wait for your review', 'refreshes were reviewed'],
    stale: ['datasets are late', 'datasets are up to date again'],
    sign_in_expiring: ['sign-ins end soon', 'sign-ins were renewed'],
    sign_in_expired: ['sign-ins are not accepted any more', 'sign-ins work again'],
    signer_left: ['sign-ins are of people who have left', 'sign-ins were taken over'],
    expiring_data: ['datasets that nobody uses go soon', 'datasets are not about to go any more'],
  };
  return { title: `${count} ${words[event][part === 'alarm' ? 0 : 1]}`, text: '' };
};

/** Many parts in few sentences: what is of one kind together, alarms first. */
export function sentencesOf(parts: readonly Part[]): Sentence[] {
  const kinds = Map.groupBy(parts, ({ part, event }) => `${part} ${event}`);
  const groups = [...kinds.values()].sort(
    ([a], [b]) => Number(b?.part === 'alarm') - Number(a?.part === 'alarm'),
  );
  return groups.flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return group.length > mostOfAKind ? [many(first.part, first.event, group.length)] : group.map(sentenceOf);
  });
}

/** What a message of several sentences says above them. */
export function headlineOf(sentences: readonly Sentence[]): string {
  const [first, ...rest] = sentences;
  return rest.length === 0 ? (first?.title ?? '') : `${first?.title}, and ${rest.length} more`;
}
