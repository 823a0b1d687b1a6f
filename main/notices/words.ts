import type { NoticeEvent, NoticeOutcome, NoticeSubject } from '../../preload/contract/models.ts';
import type { Said } from '../../preload/contract/said.ts';
import { say, several } from '../../preload/messages/said.ts';
import { oneLine } from '../one-line.ts';

/*
 * What messages say: names that people gave, and sentences of our own, which are written in the reader's language where they
 * leave. Never a value, an address, an account or what another program said.
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
  readonly title: Said;
  /** What to do; null where there is nothing to do. */
  readonly text: Said | null;
}

/** A name in the middle of a sentence: one line, no controls, no other direction, and not longer than is read. */
export const plainName = (name: string): string => oneLine(name).trim().slice(0, 80);

const whatOf = ({ source, project }: NoticeSubject): string | Said => {
  if (source !== null && project !== null)
    return say('told.place', { source: plainName(source), project: plainName(project) });
  const name = source ?? project;
  return name === null ? say('told.aSource') : plainName(name);
};
const withWaiting = (text: Said, waiting: number): Said =>
  waiting === 0 ? text : several([text, say('told.waiting', { count: waiting })]);

const alarms: Readonly<Record<NoticeEvent, (subject: NoticeSubject) => Sentence>> = {
  failed: (subject) => ({
    title: say('told.failed', { what: whatOf(subject) }),
    text: subject.code === null ? say('told.failedText') : say('told.failedCode', { code: subject.code }),
  }),
  held: (subject) => ({ title: say('told.held', { what: whatOf(subject) }), text: say('told.heldText') }),
  stale: (subject) => ({ title: say('told.stale', { what: whatOf(subject) }), text: say('told.staleText') }),
  sign_in_expiring: (subject) => ({
    title:
      subject.until === null
        ? say('told.signInExpiringSoon', { what: whatOf(subject) })
        : say('told.signInExpiring', { what: whatOf(subject), until: { instant: subject.until } }),
    text: say('told.signInExpiringText'),
  }),
  sign_in_expired: (subject) => ({
    title: say('told.signInExpired', { what: whatOf(subject) }),
    text: withWaiting(say('told.signInExpiredText'), subject.waiting),
  }),
  signer_left: (subject) => ({
    title: say('told.signerLeft', { what: whatOf(subject) }),
    text: say('told.signerLeftText'),
  }),
  connection_down: ({ connection, code, waiting }) => {
    const what = plainName(connection ?? '');
    return {
      title:
        code === 'fails' ? say('told.connectionRefuses', { what }) : say('told.connectionDown', { what }),
      text: withWaiting(say('told.connectionDownText'), waiting),
    };
  },
  expiring_data: (subject) => ({
    title:
      subject.until === null
        ? say('told.expiringDataSoon', { what: whatOf(subject) })
        : say('told.expiringData', { what: whatOf(subject), until: { instant: subject.until } }),
    text: say('told.expiringDataText'),
  }),
};

type Over = (what: string | Said) => Said;
const overs: Readonly<Record<NoticeEvent, Over>> = {
  failed: (what) => say('told.failedOver', { what }),
  held: (what) => say('told.heldOver', { what }),
  stale: (what) => say('told.staleOver', { what }),
  sign_in_expiring: (what) => say('told.signInExpiringOver', { what }),
  sign_in_expired: (what) => say('told.signInExpiredOver', { what }),
  signer_left: (what) => say('told.signerLeftOver', { what }),
  connection_down: (what) => say('told.connectionDownOver', { what }),
  expiring_data: (what) => say('told.expiringDataOver', { what }),
};

const nameOf = (event: NoticeEvent, subject: NoticeSubject): string | Said =>
  event === 'connection_down' ? plainName(subject.connection ?? '') : whatOf(subject);

/** One part in words. */
export function sentenceOf({ part, event, subject, outcome }: Part): Sentence {
  if (part === 'alarm') return alarms[event](subject);
  const what = nameOf(event, subject);
  if (outcome === 'off') return { title: say('told.off', { what }), text: null };
  if (outcome === 'deleted') return { title: say('told.deleted', { what }), text: null };
  if (outcome === 'gone') return { title: say('told.gone', { what }), text: say('told.goneText') };
  return { title: overs[event](what), text: null };
}

/** More than so many of one kind are one sentence. */
const mostOfAKind = 3;

const many = (part: Part['part'], event: NoticeEvent, count: number): Sentence => ({
  title: say(`told.many.${event}.${part}`, { count }),
  text: event === 'connection_down' && part === 'alarm' ? say('told.many.connectionsText') : null,
});

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

/** What a message of several sentences says above them. Of none there is nothing to say. */
export function headlineOf([first, ...rest]: readonly Sentence[]): Said {
  if (first === undefined) return several([]);
  return rest.length === 0 ? first.title : say('told.andMore', { first: first.title, more: rest.length });
}
