import { expect, it } from 'vitest';
import { nearestDescribed } from '../../main/query/check/meant.ts';

/* What was probably meant by a name that is not there: one a slip away, or one whose question says it. */

const columns = [
  { name: 'q1', comment: 'What is the name of the village?' },
  { name: 'q2', comment: 'Village' },
  {
    name: 'q3',
    comment: 'Age of the child in months. Ask the mother, not the father, and look at the card.',
  },
  { name: 'villages', comment: null },
  { name: 'q4', comment: 'गाँव का नाम' },
  { name: 'q5', comment: 'Âge de l’enfant' },
];

it.each([
  ['vilage', ['villages']],
  ['village', ['villages', 'q2', 'q1']],
  ['village_name', ['q1']],
  ['child_age', ['q3']],
  ['Name of village', ['q1']],
  ['गाँव', ['q4']],
  ['âge enfant', ['q5']],
  // Parts of words are not enough.
  ['mon', []],
  ['___', []],
])('%s', (word, wanted) => {
  expect(nearestDescribed(word, columns)).toEqual(wanted);
});
