import type { Engine } from './engine.ts';
import { postgres } from './postgres/postgres.ts';

const engines: Readonly<Record<Engine['type'], Engine>> = { postgres };

/** The engine of a connection. */
export function engineFor(type: Engine['type']): Engine {
  return engines[type];
}
