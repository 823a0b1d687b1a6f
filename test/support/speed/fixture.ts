import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Builders from '../renderer-fixture/builders.ts';
import type * as Described from '../renderer-fixture/described.ts';
import type * as FakeBridge from '../renderer-fixture/fake-bridge.ts';
import type * as Fakes from '../renderer-fixture/fakes.ts';
import type * as ScenarioFile from '../renderer-fixture/scenario.ts';
import type * as Scenarios from '../renderer-fixture/scenarios.ts';
import type { Fixture } from './measure.ts';

/** The fixture of the checkout in that folder, which knows the contract of its own window. */
export async function fixtureOf(root: string): Promise<Fixture> {
  const load = async <T>(name: string): Promise<T> =>
    (await import(
      /* @vite-ignore */ pathToFileURL(join(root, 'test', 'support', 'renderer-fixture', `${name}.ts`)).href
    )) as T;
  const { installFake } = await load<typeof FakeBridge>('fake-bridge');
  const { fakes } = await load<typeof Fakes>('fakes');
  const builders = await load<typeof Builders>('builders');
  const { describedBy } = await load<typeof Described>('described');
  const tools = await load<typeof ScenarioFile>('scenario');
  const { busy } = await load<typeof Scenarios>('scenarios');
  return { installFake, fakes, builders, base: busy, tools, describedBy };
}
