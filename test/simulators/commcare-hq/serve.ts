import { runUntilTold } from '../shared/run.ts';
import { createHqSimulator } from './index.ts';
import { realDataFolder } from './real-folder.ts';
import type { DomainSpec, GeneratedDomainSpec } from './types.ts';

/**
 * Runs the simulator as a process of its own:
 * `node test/simulators/commcare-hq/serve.ts --domain demo:forms=5000,cases=2000,seed=7 --domain real:real=/folder
 * [--port N] [--latency MS] [--preserialise] [--gzip | --no-gzip] [--allow USERNAME]`.
 * Prints one line of JSON with the URL once it listens; ends with its parent (stdin closes) or on a signal.
 */
function parseDomain(text: string): DomainSpec {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const settings = new Map(
    (colon < 0 ? '' : text.slice(colon + 1))
      .split(',')
      .filter((s) => s !== '')
      .map((setting) => {
        const equals = setting.indexOf('=');
        return equals < 0 ? [setting, ''] : [setting.slice(0, equals), setting.slice(equals + 1)];
      }) as [string, string][],
  );
  const number = (key: string, otherwise: number): number => {
    const value = settings.get(key);
    const parsed = value === undefined ? otherwise : Number(value);
    if (!Number.isInteger(parsed) || parsed < 0)
      throw new TypeError(`--domain ${text}: ${key} must be a whole number`);
    return parsed;
  };
  const common = {
    name,
    projectName: settings.get('project') ?? name,
    activeMobileWorkers: number('workers', 0),
    throttle: settings.has('throttle'),
  };
  const real = settings.get('real');
  if (real !== undefined) return { ...common, real: real === '' ? defaultRealFolder() : real };
  const tieCount = number('tieCount', 0);
  return {
    ...common,
    forms: number('forms', 1000),
    cases: number('cases', 500),
    seed: number('seed', 1),
    ...sizes(settings, number),
    ...(tieCount > 0 ? { tie: { at: number('tieAt', 0), count: tieCount } } : {}),
  };
}

/** Sizes of the short lists, as far as they are named. */
function sizes(
  settings: ReadonlyMap<string, string>,
  number: (key: string, otherwise: number) => number,
): Partial<GeneratedDomainSpec> {
  const named = Object.entries(LISTS).filter(([key]) => settings.has(key));
  return Object.fromEntries(named.map(([key, field]) => [field, number(key, 0)]));
}

/** What the short lists are called on the command line, and in the specification of a domain. */
const LISTS = {
  users: 'mobileWorkers',
  deactivated: 'deactivated',
  webUsers: 'webUsers',
  groups: 'groups',
  locations: 'locations',
  lookupTables: 'lookupTables',
  lookupRows: 'lookupRows',
} as const satisfies Readonly<Record<string, keyof GeneratedDomainSpec>>;

function defaultRealFolder(): string {
  const folder = realDataFolder();
  if (folder === undefined) throw new Error('No real submissions found; name their folder with real=');
  return folder;
}

function readArguments(args: readonly string[]): Parameters<typeof createHqSimulator>[0] {
  const domains: DomainSpec[] = [];
  let port = 0;
  let latencyMs = 0;
  let preserialise = false;
  let gzip: boolean | undefined;
  let allow: string | undefined;
  const rest = [...args];
  const value = (flag: string): string => {
    const next = rest.shift();
    if (next === undefined) throw new TypeError(`${flag} needs a value`);
    return next;
  };
  for (let flag = rest.shift(); flag !== undefined; flag = rest.shift()) {
    if (flag === '--domain') domains.push(parseDomain(value(flag)));
    else if (flag === '--port') port = Number(value(flag));
    else if (flag === '--latency') latencyMs = Number(value(flag));
    else if (flag === '--preserialise') preserialise = true;
    else if (flag === '--allow') allow = value(flag);
    else if (flag === '--gzip') gzip = true;
    else if (flag === '--no-gzip') gzip = false;
    else throw new TypeError(`Unknown option ${flag}`);
  }
  return {
    domains,
    port,
    latencyMs,
    preserialise,
    ...(gzip === undefined ? {} : { gzip }),
    ...(allow === undefined ? {} : { consent: { allow } }),
  };
}

runUntilTold(await createHqSimulator(readArguments(process.argv.slice(2))));
