import type { AskingReader, LandedReader, Reader } from '../../engines/engine.ts';
import { askingEngine, engineFor, landingEngine } from '../../engines/registry.ts';
import type { Services } from '../context.ts';
import type { Readers } from '../parts.ts';
import { targetOf } from './targets.ts';

export function createReaders(services: Pick<Services, 'store' | 'vault' | 'host'>): Readers {
  /** connection -> key of the login and the room -> pool, with the settings it was made from. */
  const open = new Map<string, Map<string, { reader: AskingReader; settings: string; login: string }>>();
  const shut = (reader: Reader): void => {
    reader.close().catch((error: unknown) => services.host.log.warn('reader.close_failed', { error }));
  };
  const readers: Readers = {
    of(connectionId, as, room = 'look') {
      const { engine, pool } = services.store.connections.get(connectionId);
      const settings = JSON.stringify(pool);
      const login = as?.key ?? '';
      const key = `${room} ${login}`;
      const ofConnection = open.get(connectionId) ?? new Map();
      open.set(connectionId, ofConnection);
      const known = ofConnection.get(key);
      if (known?.settings === settings) return known.reader;
      if (known) shut(known.reader);
      const reader = engineFor(engine).reader({
        target: async () => targetOf(services, connectionId, await as?.login()),
        settings: pool,
        clock: services.host.clock,
      });
      ofConnection.set(key, { reader, settings, login });
      return reader;
    },
    // What is open was made by the engine that says so.
    landed(connectionId, as, room) {
      landingEngine(services.store.connections.get(connectionId).engine);
      return readers.of(connectionId, as, room) as LandedReader;
    },
    asking(connectionId, as, room) {
      askingEngine(services.store.connections.get(connectionId).engine);
      return readers.of(connectionId, as, room);
    },
    forget(connectionId, key) {
      const ofConnection = open.get(connectionId);
      for (const [name, { reader, login }] of ofConnection ?? []) {
        if (key !== undefined && login !== key) continue;
        ofConnection?.delete(name);
        shut(reader);
      }
    },
    doubt() {
      for (const ofConnection of open.values())
        for (const { reader } of ofConnection.values()) reader.doubt();
    },
    async close() {
      const all = [...open.values()].flatMap((each) => [...each.values()]);
      open.clear();
      await Promise.allSettled(all.map(({ reader }) => reader.close()));
    },
  };
  return readers;
}
