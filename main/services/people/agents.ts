import { hashOfToken } from '../../access/agent-session.ts';
import { inOneWord } from '../../access/entry.ts';
import { holds } from '../../access/grants.ts';
import { AppError } from '../../errors.ts';
import type { Handlers, Services } from '../context.ts';

const dayMs = 24 * 3_600_000;
/** Says what a text is, to people and to programs that look for secrets in files. */
const tokenPrefix = 'headgate_agent_';
const tokenBytes = 32;

/** Agents that read a project for a person. */
export function agentService(services: Services): Handlers<'agents'> {
  const { store, host, access } = services;
  return {
    'agents.enter'({ token }, { seat }) {
      if (seat.kind !== 'agent' || seat.agent === null)
        throw new AppError('PERMISSION_DENIED', 'This is for the seat of an agent.');
      const grant = seat.agent.enter(token);
      host.redactor.add(token);
      return grant;
    },
    'agents.list'(_, { person }) {
      const all = store.agents.list();
      return holds(person, 'manage_people') ? all : all.filter(({ personId }) => personId === person.id);
    },
    'agents.grant'({ projectId, name, mayRefresh, days }, { person, seat, tell }) {
      if (seat.kind !== 'terminal')
        throw new AppError('NOT_HERE', 'The token of an agent is told at a terminal only.', {
          advice: 'Make it there: headgate mcp grant --project NAME',
        });
      const project = store.projects.get(projectId);
      access.grants.insistUse(person, project.connectionId);
      const token = `${tokenPrefix}${host.random(tokenBytes).toString('base64url')}`;
      host.redactor.add(token);
      const grant = store.agents.create({
        ...{ id: services.newId(), personId: person.id, projectId, name, mayRefresh },
        tokenHash: hashOfToken(token),
        createdAt: services.now(),
        expiresAt: new Date(host.clock.now() + days * dayMs).toISOString(),
      });
      tell(`made=${grant.id} refresh=${mayRefresh ? 'yes' : 'no'} days=${days}`);
      return { grant, token };
    },
    'agents.revoke'({ id }, { person, tell }) {
      const grant = store.agents.get(id);
      // Of others not even that it is there is told.
      if (grant.personId !== person.id && !holds(person, 'manage_people'))
        throw new AppError('NOT_FOUND', 'There is no such agent.');
      tell(`agent=${inOneWord(grant.name)} of=${inOneWord(grant.personName)}`);
      store.agents.remove(id);
      access.seats.changed();
      return {};
    },
  };
}
