import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Page, ReadContext } from '../connector.ts';
import { documentOf, type Value } from '../document.ts';
import { Marked } from '../marked.ts';
import { bareArray, oneObject } from './answers.ts';
import { connectDatasets, type Reading } from './datasets.ts';
import { askList, ofOpportunity } from './lists.ts';
import { chosenOpportunities, listEverything, planOf } from './opportunities.ts';
import { type Piece, type Plan, readSlices, type Slice } from './slices.ts';

/** What only the list of everything says about an opportunity. */
const listedFields = ['program', 'supervising_organization', 'visit_count'] as const;

type Ask = (slice: Slice, signal: AbortSignal) => Promise<Piece>;

/** An opportunity that is gone since reading began has nothing left to read; one that is still listed is refused. */
function orGone(ask: Ask, context: ReadContext): Ask {
  return async (slice, signal) => {
    try {
      return await ask(slice, signal);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'SOURCE_NO_SUCH_SPACE') throw error;
      const { opportunities } = await listEverything({ ...context, signal });
      if (opportunities.some((each) => each.get('id')?.text() === slice.opportunity)) throw error;
      return { records: [], rest: [] };
    }
  };
}

/** Everything about one opportunity, with what only the list says. */
function askDetails({ http }: ReadContext, listed: () => Promise<ReadonlyMap<string, Value>>): Ask {
  return async ({ opportunity }, signal) => {
    const known = (await listed()).get(opportunity);
    const record = await http.get(`/export/opportunity/${opportunity}/`, oneObject, signal);
    const mark = documentOf(
      Object.fromEntries(listedFields.map((field) => [field, known?.get(field)?.json() ?? null])),
    );
    return { records: [new Marked(record, mark)], rest: [] };
  };
}

function askLabs({ http }: ReadContext): Ask {
  return async ({ opportunity }, signal) => {
    const path = `/export/labs_record/?opportunity_id=${opportunity}`;
    const own = (body: Buffer): Value[] => ofOpportunity(bareArray(body), opportunity);
    return { records: await http.get(path, own, signal), rest: [] };
  };
}

/** A list that comes in one answer with others. */
async function* readPart(
  part: Extract<Reading, { from: 'everything' }>['part'],
  context: ReadContext,
): AsyncGenerator<Page, void> {
  if (context.cursor !== null) return;
  const records = (await listEverything(context))[part];
  if (records.length > 0) yield { records, cursor: { done: true }, total: records.length };
}

/** Pages of one dataset. */
export function readConnect(dataset: string, context: ReadContext): AsyncGenerator<Page, void> {
  const found = connectDatasets.find((each) => each.spec.name === dataset);
  if (!found) throw new AppError('INPUT_INVALID', say('connect.commcareConnectNoDataset', { dataset }));
  const { reading } = found;
  const { cursor, signal } = context;
  const plan = (): Promise<Plan> => planOf(context, dataset === 'user_visits');
  switch (reading.from) {
    case 'everything':
      return readPart(reading.part, context);
    case 'list':
      return readSlices(cursor, plan, orGone(askList(reading.list, context), context), signal);
    case 'labs':
      return readSlices(cursor, plan, orGone(askLabs(context), context), signal);
    case 'one list': {
      const whole = { opportunities: [''], total: null };
      return readSlices(cursor, () => Promise.resolve(whole), askList(reading.list, context), signal);
    }
    case 'details': {
      let listed: Promise<ReadonlyMap<string, Value>> | null = null;
      const once = (): Promise<ReadonlyMap<string, Value>> => {
        listed ??= chosenOpportunities(context).then(
          (all) => new Map(all.map((each) => [each.get('id')?.text() ?? '', each])),
        );
        return listed;
      };
      const opportunities = async (): Promise<Plan> => {
        const ids = [...(await once()).keys()];
        return { opportunities: ids, total: ids.length };
      };
      return readSlices(cursor, opportunities, orGone(askDetails(context, once), context), signal);
    }
  }
}
