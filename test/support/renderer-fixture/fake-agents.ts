import type { AgentGrant } from '../../../preload/contract/models.ts';
import type { FakeHandlers, FakeTools } from './fake-tools.ts';

/**
 * Agents, as the core would answer: where there are several projects one agent is in use, one of somebody else has ended. The
 * name decides what comes of letting one in: `closed` leaves the file's dialog, `no` does not confirm.
 */
export function fakeAgents({
  scenario,
  changed,
  wait,
  refuse,
  find,
  drop,
  stamp,
  id,
}: FakeTools): FakeHandlers {
  const { person } = scenario.info;
  const after = (days: number): string => new Date(Date.parse(stamp()) + days * 24 * 3_600_000).toISOString();
  const grantFor = (over: Partial<AgentGrant>): AgentGrant => ({
    ...{ id: id(), name: 'assistant', personId: person.id, personName: person.name, projectId: id() },
    ...{ projectName: '', mayRefresh: false, createdAt: after(-20), expiresAt: after(70), lastUsedAt: null },
    ...over,
  });
  const [first, second] = scenario.projects;
  const agents: AgentGrant[] =
    first === undefined || second === undefined
      ? []
      : [
          grantFor({
            ...{ projectId: first.id, projectName: first.name, mayRefresh: true },
            lastUsedAt: after(-0.01),
          }),
          grantFor({
            ...{ name: 'nightly report', personId: id(), personName: 'Femi Adeyemi', expiresAt: after(-2) },
            ...{ projectId: second.id, projectName: second.name, createdAt: after(-92) },
          }),
        ];
  return {
    'agents.list': () => agents,
    'agents.letIn': async (input, callId) => {
      await wait(50, callId);
      const asked = input as unknown as {
        projectId: string;
        name: string;
        mayRefresh: boolean;
        days: number;
        keep: string;
      };
      if (asked.name === 'no') throw refuse('CANCELLED', 'It was not confirmed.');
      if (asked.name === 'refused') throw refuse('PERMISSION_DENIED', 'You may not use this connection.');
      if (asked.name === 'closed') return { grant: null, path: null, until: null };
      const { id: projectId, name: projectName } = find(scenario.projects, asked.projectId);
      const { name, mayRefresh } = asked;
      const grant = grantFor({
        ...{ projectId, projectName, name, mayRefresh, createdAt: stamp(), expiresAt: after(asked.days) },
      });
      agents.unshift(grant);
      changed('agents');
      const isFile = asked.keep === 'file';
      return {
        grant,
        path: isFile ? `/home/asha/headgate-agent-${name}.token` : null,
        until: isFile ? null : new Date(Date.parse(stamp()) + 30_000).toISOString(),
      };
    },
    'agents.revoke': (input) => {
      const gone = drop(agents, input['id'] ?? '');
      changed('agents');
      return gone;
    },
  };
}
