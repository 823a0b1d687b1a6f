import type { Fixture, World } from '../fixture.ts';
import { example } from './connector.ts';
import { createWellSimulator } from './simulator.ts';

const world = (wells: number): World => ({
  label: `${wells} wells`,
  start: ({ gzip } = {}) => createWellSimulator(wells, gzip),
});

export const fixture: Fixture = {
  connector: example,
  settings: { region: 'north' },
  options: {},
  account: 'nadia',
  datasets: [{ name: 'wells', kind: 'wells' }],
  worlds: [world(1), world(99), world(100), world(201)],
  middle: world(47),
  empty: world(0),
  clamp(query, most) {
    if (query.has('limit')) query.set('limit', String(Math.min(most, Number(query.get('limit')))));
  },
  beforeText: '"name":"',
};
