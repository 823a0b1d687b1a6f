import { Dice, hashText, makeIds } from '../shared/random.ts';
import type { Json, JsonObject } from '../shared/types.ts';
import type { FormHandle, FormSpec, Question } from './types.ts';

/** What is asked where nothing else is given: groups, a repeat in a group, a repeat in that, every type of answer. */
export const household: readonly Question[] = [
  { name: 'meta', type: 'group', below: [{ name: 'instanceID', type: 'string' }] },
  { name: 'village', type: 'string' },
  { name: 'visited_on', type: 'date' },
  { name: 'began', type: 'dateTime' },
  { name: 'place', type: 'geopoint' },
  { name: 'photo', type: 'binary' },
  {
    name: 'household',
    type: 'group',
    below: [
      { name: 'size', type: 'int' },
      { name: 'income', type: 'decimal' },
      {
        name: 'member',
        type: 'repeat',
        below: [
          { name: 'name', type: 'string' },
          { name: 'age', type: 'int' },
          { name: 'portrait', type: 'binary' },
          { name: 'vaccination', type: 'repeat', below: [{ name: 'on', type: 'date' }] },
        ],
      },
    ],
  },
];

const villages = ['Kaya', 'Banfora', 'Dédougou', 'Ouahigouya'] as const;
const first = Date.UTC(2025, 2, 1, 8);

/** An answer to a question; null for one that was left blank. */
function answerTo(question: Question, dice: Dice, id: string): Json {
  if (question.type !== 'group' && question.type !== 'repeat' && dice.percent(10)) return null;
  switch (question.type) {
    case 'int':
      return dice.below(90);
    case 'decimal':
      return dice.below(9000) / 8;
    case 'date':
      return new Date(first - dice.below(900) * 86_400_000).toISOString().slice(0, 10);
    case 'dateTime':
      return new Date(first + dice.below(1e8)).toISOString();
    case 'geopoint':
      return {
        type: 'Point',
        coordinates: [dice.below(180) - 90.5, 12.25, 300],
        properties: { accuracy: 4 },
      };
    case 'binary':
      return `${1_700_000_000 + dice.below(1e6)} é.jpg`;
    default:
      return question.name === 'instanceID' ? id : dice.pick(villages);
  }
}

/** A record, or an entry of a repeat, with links to its repeats as the feed has them beside their entries. */
function answers(questions: readonly Question[], dice: Dice, id: string, path: string): JsonObject {
  const record: Record<string, Json> = {};
  for (const question of questions) {
    const { name, type, below = [] } = question;
    if (type === 'group') record[name] = answers(below, dice, id, `${path}/${name}`);
    else if (type === 'repeat') {
      record[`${name}@odata.navigationLink`] = `${path}/${name}`;
      record[name] = Array.from({ length: dice.below(3) }, (_, at) => ({
        __id: hashText(`${path}/${name}/${id}/${at}`).toString(16).padStart(8, '0'),
        ...answers(below, dice, `${id}/${at}`, `${path}/${name}`),
      }));
    } else record[name] = answerTo(question, dice, id);
  }
  return record;
}

/** A form as the server keeps it: ids and times of its submissions, newest first. */
export interface KeptForm extends FormHandle {
  readonly spec: FormSpec;
  readonly questions: readonly Question[];
  /** Where the submission with that id stands, or stood; -1 for one that there never was, or is purged. */
  placeOf(id: string): number;
}

export function keepForm(spec: FormSpec): KeptForm {
  const questions = spec.questions ?? household;
  const seed = hashText(spec.xmlFormId);
  const ids = makeIds(seed);
  const dice = new Dice(seed);
  const purged = new Set<string>();
  const made = (index: number): JsonObject => {
    const id = `uuid:${ids.id(index)}`;
    dice.at(index);
    const submitted = new Date(first + index * 60_000).toISOString();
    return {
      __id: id,
      __system: {
        submissionDate: submitted,
        updatedAt: null,
        deletedAt: null,
        submitterId: String(1 + dice.below(4)),
        submitterName: dice.pick(['Awa', 'Issa', 'Mariam']),
        attachmentsPresent: 1,
        attachmentsExpected: 1,
        status: null,
        reviewState: dice.percent(20) ? 'approved' : null,
        deviceId: `collect:${dice.below(9)}`,
        edits: 0,
        formVersion: spec.version ?? '1',
      },
      ...answers(questions, dice, id, `Submissions('${encodeURIComponent(id)}')`),
    };
  };
  let count = spec.submissions;
  let records: JsonObject[] = Array.from({ length: count }, (_, at) => made(count - 1 - at));
  /** The order of all that ever came, newest first. */
  let order = records.map((record) => String(record['__id']));
  return {
    spec,
    questions,
    records: () => [...records],
    add(more) {
      const fresh = Array.from({ length: more }, (_, at) => made(count + more - 1 - at));
      count += more;
      records = [...fresh, ...records];
      order = [...fresh.map((record) => String(record['__id'])), ...order];
    },
    edit(index, change) {
      const before = records[index] as JsonObject;
      const system = {
        ...(before['__system'] as JsonObject),
        edits: 1,
        updatedAt: '2025-06-01T00:00:00.000Z',
      };
      records = records.with(index, { ...before, __system: system, ...change });
    },
    remove(index) {
      records = records.toSpliced(index, 1);
    },
    purge(index) {
      purged.add(String(records[index]?.['__id']));
      records = records.toSpliced(index, 1);
    },
    placeOf(id) {
      if (purged.has(id)) return -1;
      const place = order.indexOf(id);
      if (place < 0) return -1;
      // How many of those that are there stand up to it.
      const upTo = new Set(order.slice(0, place + 1));
      return records.filter((record) => upTo.has(String(record['__id']))).length;
    },
  };
}
