import type { JsonObject } from '../../main/connectors/json.ts';
import { day, type HistoryForm, type HistoryHq, minute, second } from './history-hq.ts';

/** Makes one thing happen at a project space; says what. */
type Event = (hq: HistoryHq, random: () => number) => string;

const whole = (random: () => number, below: number): number => Math.floor(random() * below);
const oneOf = <T>(random: () => number, list: readonly T[]): T => list[whole(random, list.length)] as T;
const some = (hq: HistoryHq, random: () => number, most: number, state = 'live'): HistoryForm[] => {
  const among = [...hq.forms.values()].filter((form) => form.state === state);
  return among.length === 0
    ? []
    : Array.from({ length: 1 + whole(random, most) }, () => oneOf(random, among));
};

/** Indexed now, by one of the servers, whose clocks differ by up to five minutes either way. */
const indexedNow = (hq: HistoryHq, random: () => number): number =>
  hq.now + whole(random, 10 * minute) - 5 * minute;

const xmlnses = ['http://forms/visit', 'http://forms/birth', 'http://forms/stock'];
const plain: readonly (() => JsonObject)[] = [
  () => ({ name: 'Asha', age: '31' }),
  () => ({ name: 'Ravi', age: '7', seen: '2026-01-01' }),
  () => ({ name: '', weight: '3.50', at: '2026-01-01T10:00:00.000Z' }),
  () => ({ case: { '@case_id': crypto.randomUUID(), close: '' }, name: 'Mina' }),
  () => ({ group: { inner: { deep: 'x' } }, age: '12' }),
];

const entry = (random: () => number): JsonObject => ({
  name: oneOf(random, ['a', 'b', '']),
  n: String(whole(random, 9)),
});

/** Answers of a form; some change what is known of its questions. */
export function answersOf(random: () => number, isWild: boolean): JsonObject {
  const answers: Record<string, JsonObject[string]> = { ...oneOf(random, plain)() };
  const entries = whole(random, 4);
  // One entry alone arrives as an object, as XML has no lists of one.
  if (entries === 1) answers['kids'] = entry(random);
  if (entries > 1) answers['kids'] = Array.from({ length: entries }, () => entry(random));
  if (!isWild) return answers;
  const wild = whole(random, 12);
  if (wild === 0) answers['age'] = 'about forty';
  if (wild === 1) answers[`q${whole(random, 30)}`] = 'new question';
  if (wild === 2) answers['seen'] = 'never';
  if (wild === 3) answers[`list${whole(random, 4)}`] = [{ a: '1' }, { a: '2' }];
  if (wild === 4) answers[`list${whole(random, 4)}`] = { a: '1' };
  if (wild === 5) answers['weight'] = '4';
  if (wild === 6) answers[`rare${whole(random, 9)}`] = String(whole(random, 100));
  if (wild === 7) answers[`rare${whole(random, 9)}`] = '2026-02-03';
  if (wild === 8) answers['group'] = 'no group any more';
  if (wild === 9) answers['place'] = { '@lat': '1.5', '#text': 'here' };
  if (wild === 10) answers['place'] = 'there';
  if (wild === 11) answers['kids'] = ['', ''];
  return answers;
}

function arrive(hq: HistoryHq, random: () => number, change: Partial<HistoryForm> = {}): HistoryForm {
  const id = `f${String(hq.forms.size + whole(random, 9) * 100_000).padStart(6, '0')}-${whole(random, 1e9)}`;
  const form: HistoryForm = {
    id,
    received: hq.now,
    indexed: indexedNow(hq, random),
    state: 'live',
    xmlns: oneOf(random, xmlnses.slice(0, 2)),
    answers: answersOf(random, random() < 0.2),
    editedOn: null,
    ...change,
  };
  hq.forms.set(id, form);
  return form;
}

const touch = (hq: HistoryHq, random: () => number, form: HistoryForm): void => {
  form.indexed = indexedNow(hq, random);
};

const events: readonly (readonly [weight: number, event: Event])[] = [
  [8, (hq, random) => `${some3(random, () => arrive(hq, random))} arrive`],
  [
    2,
    (hq, random) => {
      const at = hq.now;
      some3(random, () => arrive(hq, random, { received: at, indexed: at }));
      return 'several of one moment arrive';
    },
  ],
  [
    3,
    (hq, random) => {
      const received = hq.now - whole(random, 40 * day);
      arrive(hq, random, { received });
      return 'one arrives with an old date';
    },
  ],
  [
    6,
    (hq, random) => {
      for (const form of some(hq, random, 4)) {
        form.answers = answersOf(random, random() < 0.3);
        form.editedOn = hq.now;
        touch(hq, random, form);
      }
      return 'edits';
    },
  ],
  [
    1,
    (hq, random) => {
      for (const form of some(hq, random, 2)) {
        form.xmlns = oneOf(random, xmlnses);
        form.editedOn = hq.now;
        touch(hq, random, form);
      }
      return 'an edit that moves forms to another form';
    },
  ],
  [
    4,
    (hq, random) => {
      for (const form of some(hq, random, 3)) {
        form.state = 'archived';
        touch(hq, random, form);
      }
      return 'archive';
    },
  ],
  [
    3,
    (hq, random) => {
      for (const form of some(hq, random, 3, 'archived')) {
        form.state = 'live';
        touch(hq, random, form);
      }
      return 'un-archive';
    },
  ],
  [
    5,
    (hq, random) => {
      for (const { id } of some(hq, random, 3)) hq.forms.delete(id);
      return 'delete';
    },
  ],
  [
    1,
    (hq, random) => {
      const doomed = oneOf(random, xmlnses);
      for (const [id, { xmlns }] of hq.forms) if (xmlns === doomed) hq.forms.delete(id);
      return `everything of ${doomed} is deleted`;
    },
  ],
  [
    1,
    (hq) => {
      let at = hq.now;
      for (const form of [...hq.forms.values()].sort((a, b) => a.indexed - b.indexed)) {
        at += 1000;
        form.indexed = at;
      }
      hq.now = at;
      return 'everything is indexed anew';
    },
  ],
  [1, (hq, random) => `a form of a third kind: ${arrive(hq, random, { xmlns: xmlnses[2] as string }).id}`],
  [
    1,
    (hq, random) => {
      hq.repeats.set(xmlnses[0] as string, oneOf(random, [['kids'], ['kids', 'list0'], []]));
      return 'the application declares other repeats';
    },
  ],
];

function some3(random: () => number, work: () => void): number {
  const count = 1 + whole(random, 6);
  for (let at = 0; at < count; at += 1) work();
  return count;
}

const weights = events.reduce((sum, [weight]) => sum + weight, 0);

/**
 * Lets time go by and some things happen. Returns what. Where others are deleted besides, nothing may be late: no count tells
 * of one that comes late in the place of one that goes.
 */
export function happen(hq: HistoryHq, random: () => number, mayBeLate = true): string[] {
  const told: string[] = [];
  const count = whole(random, 5);
  for (let at = 0; at < count; at += 1) {
    hq.now += whole(random, oneOf(random, [second, minute, 60 * minute, 3 * day]));
    let place = random() * weights;
    for (const [weight, event] of events) {
      place -= weight;
      if (place >= 0) continue;
      told.push(event(hq, random));
      break;
    }
  }
  // Servers index within minutes; what the index was behind with is there by the next refresh.
  hq.now += 6 * minute;
  // Now and then the index comes long after what it says, which only counting finds.
  if (
    mayBeLate &&
    random() < 0.15 &&
    !told.includes('delete') &&
    !told.some((one) => one.includes('is deleted'))
  ) {
    arrive(hq, random, { indexed: hq.now - day, received: hq.now - day });
    told.push('one is indexed a day late');
  }
  return told;
}

/** A project space with some forms, or some more of them; tame ones bring no question that was not asked before. */
export function begin(hq: HistoryHq, random: () => number, count: number, isTame = false): void {
  for (let at = 0; at < count; at += 1) {
    hq.now += whole(random, 3 * 60 * minute);
    arrive(hq, random, isTame ? { answers: answersOf(random, false) } : {});
  }
  hq.now += 6 * minute;
}
