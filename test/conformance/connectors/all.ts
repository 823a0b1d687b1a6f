import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Fixture, mistakesIn } from './fixture.ts';

/** Every connector's fixture by the name of its folder; one that no test could make sense of says what is wrong with it. */
export const fixtures: readonly (readonly [string, Fixture])[] = await Promise.all(
  readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(async (entry) => {
      const module = (await import(join(import.meta.dirname, entry.name, 'fixture.ts'))) as {
        fixture?: Fixture;
      };
      const mistakes = await mistakesIn(entry.name, module.fixture);
      if (mistakes.length > 0) throw new Error(mistakes.join('\n'));
      return [entry.name, module.fixture as Fixture] as const;
    }),
);
