import type { Person } from '../../../preload/contract/models.ts';
import { changesOf } from '../../notices/changes.ts';
import { type Audience, findingsOf } from '../../notices/conditions.ts';
import { timeFor, usualPreferences, waysFor } from '../../notices/way.ts';
import type { StoredAudience } from '../../store/notices/notices.ts';
import { emitChanged, type Services } from '../context.ts';
import { worldOf } from './world.ts';

/** A longer time between two looks is a gap: the computer slept, or Headgate was not running. */
const gapMs = 10 * 60_000;

type Needs = Pick<Services, 'store' | 'host' | 'access' | 'network' | 'newId' | 'now' | 'emit'>;

const concerns = ({ roles, people }: StoredAudience, person: Person): boolean =>
  people.includes(person.id) || person.roles.some((role) => roles.includes(role));

/**
 * Looks at what is the matter, and writes down what is to be told: of each thing its beginning, that it became worse, and its
 * end, to whom its beginning was told. All of one look is one transaction, so that a process that ends in the middle tells
 * nothing half.
 */
export function createNoticeWatch(services: Needs) {
  const { store, host, network, newId } = services;
  let [lookedAt, watchedSince, onlineSince] = [Number.NEGATIVE_INFINITY, 0, 0];

  const preferencesOf = (personId: string) => store.notices.preferences(personId) ?? usualPreferences;

  /** Returns whether anything changed. */
  const look = (): boolean => {
    const at = host.clock.now();
    if (at - lookedAt > gapMs || at < lookedAt) watchedSince = at;
    lookedAt = at;
    const isOffline = network.isOffline();
    if (isOffline) onlineSince = at;
    const findings = store.reading(() =>
      findingsOf(worldOf(services, { isOffline, onlineSince, watchedSince })),
    );
    const changed = store.transaction(() => {
      const open = store.notices.open();
      const { opened, turned, lasting, closed } = changesOf(open, findings);
      const now = services.now();
      const people = store.people.list();
      const readersOf = (id: string, audience: Audience): readonly Person[] => {
        const readers = people.filter((person) => concerns(audience, person));
        for (const { id: personId } of readers) store.notices.addReader(id, personId);
        return readers;
      };
      const tell = (id: string, condition: (typeof opened)[number]): void => {
        const readers = readersOf(id, condition.audience).map((person) => ({
          id: person.id,
          preferences: preferencesOf(person.id),
        }));
        for (const way of waysFor(condition.event, condition.audience, readers, at))
          store.noticeMessages.add(id, 'alarm', way, new Date(way.notBefore).toISOString());
      };
      for (const condition of opened) {
        const id = newId();
        store.notices.create(id, condition.key, condition, now);
        tell(id, condition);
      }
      for (const { id, to, isWorse } of turned) {
        store.notices.turn(id, to, isWorse ? now : null);
        if (!isWorse) continue;
        store.noticeMessages.dropAlarms(id);
        tell(id, to);
      }
      let isNews = false;
      const before = new Map(open.map((notice) => [notice.id, notice]));
      for (const { id, condition } of lasting) {
        const { subject, audience } = before.get(id) ?? {};
        const same =
          JSON.stringify([subject, audience]) === JSON.stringify([condition.subject, condition.audience]);
        if (!same) {
          store.notices.turn(id, condition, null);
          isNews = true;
        }
        // Whoever came to it later finds it in the inbox.
        readersOf(id, condition.audience);
      }
      for (const { id, outcome } of closed) {
        store.notices.close(id, outcome, now);
        // Over before it was told: then neither is.
        store.noticeMessages.dropAlarms(id);
        for (const way of store.noticeMessages.toldOn(id)) {
          const later = way.personId === null ? at : timeFor(preferencesOf(way.personId), at);
          store.noticeMessages.add(id, 'recovery', way, new Date(later).toISOString());
        }
      }
      return isNews || opened.length + turned.length + closed.length > 0;
    });
    if (changed) emitChanged(services, 'notices');
    return changed;
  };
  return { look };
}
export type NoticeWatch = ReturnType<typeof createNoticeWatch>;
