import { defineConnector } from '../../../../main/connectors/connector.ts';
import { example } from '../example/connector.ts';
import { fixture as signedIn } from '../example/fixture.ts';
import { createWellSimulator } from '../example/simulator.ts';
import type { Fixture, World } from '../fixture.ts';

/** The register of wells as one that everybody may read. */
export const openExample = defineConnector({
  ...example,
  type: 'open_example',
  signIn: [{ kind: 'none', fields: [] }],
});

const world = (wells: number): World => ({
  label: `${wells} wells, open to everybody`,
  start: ({ gzip } = {}) => createWellSimulator(wells, gzip, true),
});

export const fixture: Fixture = {
  ...signedIn,
  connector: openExample,
  worlds: [world(1), world(201)],
  middle: world(47),
  empty: world(0),
};
