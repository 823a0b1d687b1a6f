import type { AuditEntry, Profile } from '../../../preload/contract/models.ts';
import { minutes, type Scenario, uuid } from './scenario.ts';
import { busy } from './scenarios.ts';

/** What opens the profile of the person who sits here. */
export const phrase = 'mill pond heron gate';

export function profile(n: number, over: Partial<Profile> = {}): Profile {
  return {
    id: uuid(8, n),
    name: 'Bilal Diop',
    roles: ['analyst'],
    hasPassphrase: true,
    createdAt: minutes(-60 * 24 * 12),
    ...over,
  };
}

/** Several people with passphrases, and a log with entries as the core writes them. */
export function crew(): Scenario {
  const base = busy();
  const others = [
    profile(2),
    profile(3, { name: 'Chandra Iyer', roles: ['project_admin', 'analyst'] }),
    profile(4, { name: 'Déborah N’Guessan', roles: ['viewer'] }),
  ];
  const person = { ...base.info.person };
  return {
    ...base,
    info: { ...base.info, person },
    audit: log(),
    people: {
      ...base.people,
      others,
      passphrases: {
        [person.id]: phrase,
        ...Object.fromEntries(others.map(({ id, name }) => [id, `the phrase of ${name}`])),
      },
    },
  };
}

/** Somebody takes their time in the window that asks for the passphrase. */
export function typing(): Scenario {
  const base = crew();
  return { ...base, people: { ...base.people, typingMs: 600_000 } };
}

/** Somebody guesses there until nothing is looked at for a while. */
export function guessing(): Scenario {
  const base = crew();
  return { ...base, people: { ...base.people, typed: ['one', 'two', 'three', 'four'] } };
}

/** A log that was trimmed, and not by Headgate as far as the vault knows. */
export function cutOff(): Scenario {
  const base = crew();
  const anchor = { seq: 100, hash: 'c0ffee'.repeat(10), at: minutes(-60 * 24 * 3), person: 'Asha Rao' };
  const audit = base.audit.filter(({ seq }) => seq > anchor.seq);
  return { ...base, audit, people: { ...base.people, anchors: [anchor], anchored: 'broken' } };
}

/** More entries than fit on two pages, newest first. */
function log(): AuditEntry[] {
  const written = [
    [
      'secrets.reveal',
      `connectionId=${uuid(1, 1)} field=password reason="Ticket 4711, new report"`,
      'ok',
      '',
    ],
    ['people.create', 'name=Bilal Diop roles=analyst', 'ok', `made=${uuid(8, 2)}`],
    ['grants.set', `connectionId=${uuid(1, 2)} personId=${uuid(8, 3)} level=use`, 'ok', ''],
    ['session.signIn', `personId=${uuid(8, 2)}`, 'refused', 'PASSPHRASE_WRONG'],
    ['connections.test', `id=${uuid(1, 1)}`, 'failed', 'DB_LOGIN_REFUSED'],
    ['session.lock', '', 'ok', 'idle'],
    ['audit.export', 'format=csv', 'ok', 'count=1204'],
    ['connections.delete', `id=${uuid(1, 99)}`, 'ok', ''],
  ] as const;
  const count = 250;
  return Array.from({ length: count }, (_, n) => {
    const [action, subject, outcome, details] = written[n % written.length] ?? written[0];
    const person = n % 8 === 3 ? 'Bilal Diop' : 'Asha Rao';
    return { seq: count - n, at: minutes(-n * 71 - 2), person, action, subject, outcome, details };
  });
}
