import type { CallName } from '../../preload/contract/channels.ts';
import type { AgentGrant, Person } from '../../preload/contract/models.ts';
import type { Said } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Store } from '../store/index.ts';
import { agentCallsAnHour } from './agent-session.ts';
import type { Seat } from './seats.ts';

/** What holds a call within the project of a grant. */
interface AgentRule {
  /**
   * What of the input has to be of the grant's project: its `projectId`, which must be given; the dataset `id`; the link
   * `linkId`. `own`: nothing, because only what was opened at the same seat answers to it. `answer`: the answer is cut.
   */
  readonly within: 'projectId' | 'dataset' | 'link' | 'own' | 'answer';
  /** Only where the grant says so. */
  readonly refresh?: true;
  /** Ends what is open, so it is not counted. */
  readonly free?: true;
}

/** All that an agent can call, as data; whatever is not here is refused. */
export const agentCalls: Readonly<Partial<Record<CallName, AgentRule>>> = {
  'projects.list': { within: 'answer' },
  'datasets.list': { within: 'projectId' },
  'datasets.tables': { within: 'dataset' },
  'datasets.dictionary': { within: 'dataset' },
  'dictionary.search': { within: 'projectId' },
  'query.open': { within: 'projectId' },
  'query.page': { within: 'own' },
  'query.close': { within: 'own', free: true },
  'query.explain': { within: 'projectId' },
  'syncs.start': { within: 'link', refresh: true },
};

const hourMs = 3_600_000;

export interface AgentRules {
  /**
   * Whether a seat may make a call at all, before its input is looked at; of an agent it is counted. Seats of people
   * pass. Fails with PERMISSION_DENIED, and with QUERY_LIMIT where the grant's calls of this hour are used up.
   */
  admit(seat: Seat, name: CallName): void;
  /** Whether an input that was parsed stays within the grant. Fails with PERMISSION_DENIED. */
  within(seat: Seat, name: CallName, parsed: unknown, person: Person | null): void;
  /** What of an answer an agent is told. */
  cut(seat: Seat, name: CallName, data: unknown): unknown;
}

const denied = (text: Said): AppError =>
  new AppError('PERMISSION_DENIED', text, {
    advice: say('people.whatAgentMayGrant'),
  });

/** Holds agents to their grants; `dispatch` asks it of every call. */
export function createAgentRules(deps: {
  store: Pick<Store, 'agents' | 'datasets' | 'links'>;
  /** Milliseconds since 1970. */
  now: () => number;
}): AgentRules {
  const { store } = deps;
  const count = ({ id }: AgentGrant): void => {
    const now = deps.now();
    const [at, hourAgo] = [new Date(now).toISOString(), new Date(now - hourMs).toISOString()];
    const from = store.agents.countCall(id, agentCallsAnHour, at, hourAgo);
    if (from === null) return;
    const until = new Date(Date.parse(from) + hourMs).toISOString();
    throw new AppError(
      'QUERY_LIMIT',
      say('people.agentTooMany', { limit: agentCallsAnHour, until: { instant: until } }),
      { until, query: { trouble: 'too_many' } },
    );
  };
  return {
    admit(seat, name) {
      if (seat.kind !== 'agent' || name === 'agents.enter') return;
      const rule = agentCalls[name];
      if (rule === undefined) throw denied(say('people.agentCanNotCall', { name }));
      const grant = seat.agent?.grant() ?? null;
      // Nobody sits there: refused as such.
      if (grant === null) return;
      if (rule.refresh && !grant.mayRefresh) throw denied(say('people.agentNotAllowedAsk'));
      if (!rule.free) count(grant);
    },
    within(seat, name, parsed, person) {
      const rule = agentCalls[name];
      if (seat.kind !== 'agent' || name === 'agents.enter') return;
      const grant = seat.agent?.grant() ?? null;
      if (rule === undefined || grant === null || person === null) throw denied(say('people.agentEnded'));
      const { projectId, id, linkId } = parsed as Readonly<Record<string, unknown>>;
      const fits = {
        own: () => true,
        answer: () => true,
        projectId: () => projectId === grant.projectId,
        dataset: () => store.datasets.list(person.id, grant.projectId).some((dataset) => dataset.id === id),
        link: () => store.links.listOf(grant.projectId).some((link) => link.id === linkId),
      }[rule.within];
      if (!fits()) throw denied(say('people.agentHeldProject', { projectName: grant.projectName }));
    },
    cut(seat, name, data) {
      if (seat.kind !== 'agent' || agentCalls[name]?.within !== 'answer') return data;
      const projectId = seat.agent?.grant()?.projectId;
      return (data as readonly { readonly id: string }[]).filter(({ id }) => id === projectId);
    },
  };
}
