import { expect, it } from 'vitest';
import { allConnectors } from '../../main/connectors/registry.ts';

it('the window offers to read only changes exactly where a connector can', () => {
  for (const connector of allConnectors) {
    const settings = Object.fromEntries(connector.settings.map(({ name }) => [name, 'demo']));
    for (const { name, tellsChanges } of connector.datasets)
      expect([name, connector.delta?.(name, { settings }) !== undefined]).toEqual([
        name,
        tellsChanges === true,
      ]);
  }
});
