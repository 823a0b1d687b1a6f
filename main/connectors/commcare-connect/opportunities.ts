import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { ReadContext } from '../connector.ts';
import type { Value } from '../document.ts';
import { type Everything, everything } from './answers.ts';
import type { Plan } from './slices.ts';

/** Everything that the account can see of the chosen organisation; of all of them where none was chosen. */
export async function listEverything({
  http,
  settings,
  signal,
}: Pick<ReadContext, 'http' | 'settings' | 'signal'>): Promise<Everything> {
  const all = await http.get('/export/opp_org_program_list/', everything, signal);
  const slug = settings['organization'] ?? '';
  if (slug === '') return all;
  const is = (record: Value, field: string): boolean => record.get(field)?.text() === slug;
  const chosen: Everything = {
    organizations: all.organizations.filter((each) => is(each, 'slug')),
    opportunities: all.opportunities.filter(
      (each) => is(each, 'organization') || is(each, 'supervising_organization'),
    ),
    programs: all.programs.filter((each) => is(each, 'organization')),
  };
  if (Object.values(chosen).every((list: readonly Value[]) => list.length === 0)) {
    throw new AppError('SOURCE_NO_SUCH_SPACE', say('connect.commcareConnectKnowsNo', { slug }), {
      advice: say('connect.commcareConnectKnowsNo.advice'),
    });
  }
  return chosen;
}

const textOf = (record: Value, field: string): string => record.get(field)?.text() ?? '';

/** The opportunities to read: those that were chosen, else all of the organisation. */
export async function chosenOpportunities(
  context: Pick<ReadContext, 'http' | 'settings' | 'options' | 'signal'>,
): Promise<Value[]> {
  const { opportunities } = await listEverything(context);
  const option = context.options['opportunities'];
  const wanted = new Set(typeof option === 'object' ? option : []);
  if (wanted.size === 0) return [...opportunities];
  const found = opportunities.filter((each) => wanted.has(textOf(each, 'id')));
  if (found.length < wanted.size) {
    const missing = [...wanted].filter((id) => !found.some((each) => textOf(each, 'id') === id));
    throw new AppError('SOURCE_NO_SUCH_SPACE', say('connect.commcareConnectShowsAccount', { missing }), {
      advice: say('connect.commcareConnectShowsAccount.advice'),
    });
  }
  return found;
}

/** Which opportunities to read, and how many visits they have, if that is what is read. */
export async function planOf(
  context: Pick<ReadContext, 'http' | 'settings' | 'options' | 'signal'>,
  countsVisits: boolean,
): Promise<Plan> {
  const found = await chosenOpportunities(context);
  const counts = found.map((each) => each.get('visit_count'));
  const isCounted = countsVisits && counts.every((count) => count?.kind === 'number');
  return {
    opportunities: found.map((each) => textOf(each, 'id')),
    total: isCounted ? counts.reduce((sum, count) => sum + Number(count?.text()), 0) : null,
  };
}
