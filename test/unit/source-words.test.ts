import { expect, it } from 'vitest';
import { allConnectors } from '../../main/connectors/registry.ts';
import { englishMessage } from '../../preload/messages/said.ts';

/*
 * What a kind of source says of itself stands in its connector, for the database and agents, and in the catalogue, for
 * translators. The two must not go apart.
 */
it.each(allConnectors.map((connector) => [connector.type, connector] as const))(
  'the catalogue has what %s says of its options and datasets',
  (type, { options, datasets }) => {
    const told = [
      ...options.flatMap(({ name, label, help }) => [
        [`option.${name}`, label] as const,
        [`option.${name}.help`, help] as const,
      ]),
      ...datasets.flatMap(({ name, label, description }) => [
        [`dataset.${name}`, label] as const,
        [`dataset.${name}.help`, description] as const,
      ]),
    ];
    for (const [what, text] of told) expect(englishMessage(`source.${type}.${what}`), what).toBe(text);
  },
);

it('is asked of kinds that have some', () => {
  expect(allConnectors.filter(({ datasets }) => datasets.length > 5)).toHaveLength(2);
});
