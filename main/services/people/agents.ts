import type { Parsed } from '../../../preload/contract/methods.ts';
import type { AgentGrant } from '../../../preload/contract/models.ts';
import { say, several } from '../../../preload/messages/said.ts';
import { hashOfToken } from '../../access/agent-session.ts';
import { inOneWord } from '../../access/entry.ts';
import { holds } from '../../access/grants.ts';
import { AppError } from '../../errors.ts';
import type { YesNo } from '../../host.ts';
import { oneLine } from '../../one-line.ts';
import { insistConfirmed } from '../confirmed.ts';
import { type Caller, emitChanged, type Handlers, type Services } from '../context.ts';

const dayMs = 24 * 3_600_000;
/** Says what a text is, to people and to programs that look for secrets in files. */
const tokenPrefix = 'headgate_agent_';
const tokenBytes = 32;

type Asked = Parsed<'agents.grant'>;

/** What the person is asked outside the page. */
const questionOf = ({ name, mayRefresh, days }: Asked, project: string): YesNo => ({
  title: say('asks.agent.title'),
  what: several([
    say('asks.agent.what', { name: oneLine(name), project: oneLine(project), days }),
    ...(mayRefresh ? [say('asks.agent.refresh')] : []),
    say('asks.agent.token'),
  ]),
  agree: say('asks.agent.agree'),
});

/** A name that every file system takes. */
const fileNameOf = (name: string): string =>
  `headgate-agent-${name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, '') || 'token'}.token`;

/** Agents that read a project for a person. */
export function agentService(services: Services): Handlers<'agents'> {
  const { store, host, access, clipboard } = services;
  const newToken = (): string => {
    const token = `${tokenPrefix}${host.random(tokenBytes).toString('base64url')}`;
    host.redactor.add(token);
    return token;
  };
  const insistProject = ({ projectId }: Asked, { person }: Caller): { name: string } => {
    const project = store.projects.get(projectId);
    access.grants.insistUse(person, project.connectionId);
    return project;
  };
  const made = (asked: Asked, { person, tell }: Caller, token: string): AgentGrant => {
    const { projectId, name, mayRefresh, days } = asked;
    const grant = store.agents.create({
      ...{ id: services.newId(), personId: person.id, projectId, name, mayRefresh },
      tokenHash: hashOfToken(token),
      createdAt: services.now(),
      expiresAt: new Date(host.clock.now() + days * dayMs).toISOString(),
    });
    tell(`made=${grant.id} refresh=${mayRefresh ? 'yes' : 'no'} days=${days}`);
    emitChanged(services, 'agents');
    return grant;
  };
  const end = (id: string): void => {
    store.agents.remove(id);
    access.seats.changed();
    emitChanged(services, 'agents');
  };
  return {
    'agents.enter'({ token }, { seat }) {
      if (seat.kind !== 'agent' || seat.agent === null)
        throw new AppError('PERMISSION_DENIED', say('people.seatAgent'));
      const grant = seat.agent.enter(token);
      host.redactor.add(token);
      return grant;
    },
    'agents.list'(_, { person }) {
      const all = store.agents.list();
      return holds(person, 'manage_people') ? all : all.filter(({ personId }) => personId === person.id);
    },
    'agents.grant'(asked, caller) {
      if (caller.seat.kind !== 'terminal')
        throw new AppError('NOT_HERE', say('people.tokenAgentToldTerminal'), {
          advice: say('people.tokenAgentToldTerminal.advice'),
        });
      insistProject(asked, caller);
      const token = newToken();
      return { grant: made(asked, caller, token), token };
    },
    async 'agents.letIn'({ keep, ...asked }, caller) {
      const { desk } = caller.seat;
      const { name: project } = insistProject(asked, caller);
      await insistConfirmed(services, caller, questionOf(asked, project));
      const token = newToken();
      if (keep === 'clipboard') {
        const grant = made(asked, caller, token);
        try {
          // Written down before it is handed over.
          caller.record();
          return { grant, path: null, ...(await clipboard.lend(desk, token)) };
        } catch (error) {
          end(grant.id);
          throw error;
        }
      }
      const path = await desk.save(fileNameOf(asked.name), `${token}\n`);
      if (path === null) return { grant: null, path: null, until: null };
      // The dialog may be open for long: until then nothing is sure that was before it.
      access.insistSeated(caller);
      insistProject(asked, caller);
      return { grant: made(asked, caller, token), path, until: null };
    },
    'agents.revoke'({ id }, { person, tell }) {
      const grant = store.agents.get(id);
      // Of others not even that it is there is told.
      if (grant.personId !== person.id && !holds(person, 'manage_people'))
        throw new AppError('NOT_FOUND', say('people.noSuchAgent'));
      tell(`agent=${inOneWord(grant.name)} of=${inOneWord(grant.personName)}`);
      end(id);
      return {};
    },
  };
}
