import { expect, it } from 'vitest';
import { allConnectors } from '../../main/connectors/registry.ts';
import { englishMessage } from '../../preload/messages/said.ts';

/*
 * What a kind of source says of itself stands in its connector, for the database and agents, and in the catalogue, for
 * translators. The two must not go apart.
 */
it.each(allConnectors.map((connector) => [connector.type, connector] as const))(
  'the catalogue has what %s says of its settings, options and datasets',
  (type, { apiKeys, settings, options, datasets }) => {
    const told = [
      ...(apiKeys
        ? [['apiKey.user', apiKeys.userLabel] as const, ['apiKey.help', apiKeys.help] as const]
        : []),
      ...settings.flatMap(({ name, label, help }) => [
        [`setting.${name}`, label] as const,
        [`setting.${name}.help`, help] as const,
      ]),
      ...options.flatMap(({ name, label, help }) => [
        [`option.${name}`, label] as const,
        [`option.${name}.help`, help] as const,
      ]),
      ...datasets.flatMap(({ name, label, description }) => [
        [`dataset.${name}`, label] as const,
        [`dataset.${name}.help`, description] as const,
      ]),
    ];
    expect(told.length).toBeGreaterThan(10);
    for (const [what, text] of told) expect(englishMessage(`source.${type}.${what}`), what).toBe(text);
  },
);
