import { runUntilTold } from '../shared/run.ts';
import { createConnectSimulator } from './index.ts';
import { OPPORTUNITY_LISTS } from './request-kinds.ts';
import type { ConnectSimulatorOptions, ListName, OpportunitySpec } from './types.ts';

/**
 * Runs the simulator as a process of its own:
 * `node test/simulators/commcare-connect/serve.ts --opportunity 12:user_visits=5000,payment=40,organization=acme
 * [--organization acme] [--seed N] [--llo N] [--port N] [--latency MS] [--gzip | --no-gzip] [--allow USERNAME]`.
 * Prints one line of JSON with the URL once it listens; ends with its parent (stdin closes) or on a signal.
 */
function parseOpportunity(text: string): OpportunitySpec {
  const [id = '', settings = ''] = text.split(':', 2);
  const rows: Partial<Record<ListName, number>> = {};
  let organization: string | undefined;
  for (const setting of settings.split(',').filter((each) => each !== '')) {
    const [name = '', value = ''] = setting.split('=', 2);
    const list = [...OPPORTUNITY_LISTS, 'labs_record' as const].find((each) => each === name);
    if (name === 'organization') organization = value;
    else if (list === undefined || !/^\d+$/.test(value))
      throw new TypeError(`--opportunity ${text}: ${setting} is no list with a number of rows`);
    else rows[list] = Number(value);
  }
  if (!/^[1-9]\d*$/.test(id)) throw new TypeError(`--opportunity ${text}: the id must be a whole number`);
  return { id: Number(id), rows, ...(organization === undefined ? {} : { organization }) };
}

function readArguments(args: readonly string[]): ConnectSimulatorOptions {
  const opportunities: OpportunitySpec[] = [];
  const organizations: { slug: string }[] = [];
  const numbers = new Map<string, number>();
  let gzip: boolean | undefined;
  let allow: string | undefined;
  const rest = [...args];
  const value = (flag: string): string => {
    const next = rest.shift();
    if (next === undefined) throw new TypeError(`${flag} needs a value`);
    return next;
  };
  for (let flag = rest.shift(); flag !== undefined; flag = rest.shift()) {
    if (flag === '--opportunity') opportunities.push(parseOpportunity(value(flag)));
    else if (flag === '--organization') organizations.push({ slug: value(flag) });
    else if (flag === '--allow') allow = value(flag);
    else if (flag === '--gzip') gzip = true;
    else if (flag === '--no-gzip') gzip = false;
    else if (['--seed', '--llo', '--port', '--latency'].includes(flag))
      numbers.set(flag, Number(value(flag)));
    else throw new TypeError(`Unknown option ${flag}`);
  }
  return {
    opportunities,
    ...(organizations.length === 0 ? {} : { organizations }),
    seed: numbers.get('--seed') ?? 1,
    lloEntities: numbers.get('--llo') ?? 0,
    port: numbers.get('--port') ?? 0,
    latencyMs: numbers.get('--latency') ?? 0,
    ...(gzip === undefined ? {} : { gzip }),
    ...(allow === undefined ? {} : { consent: { allow } }),
  };
}

runUntilTold(await createConnectSimulator(readArguments(process.argv.slice(2))));
