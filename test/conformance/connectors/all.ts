import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Fixture } from './fixture.ts';

/** Every connector's fixture by the name of its folder. */
export const fixtures: readonly (readonly [string, Fixture])[] = await Promise.all(
  readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(async (entry) => {
      const module = (await import(join(import.meta.dirname, entry.name, 'fixture.ts'))) as {
        fixture: Fixture;
      };
      return [entry.name, module.fixture] as const;
    }),
);
