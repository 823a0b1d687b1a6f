import { mostAgentDays } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { table } from '../terminal/terminal.ts';
import { type Console, type Exit, exits, findNamed, headsOf, print, type Session, tell } from './commands.ts';

export interface McpOptions {
  readonly id: string | undefined;
  readonly project: string | undefined;
  readonly name: string | undefined;
  readonly refresh: boolean;
  readonly days: string | undefined;
}

const day = (instant: string): string => instant.slice(0, 10);

/** `mcp grant --project NAME`, `mcp list`, `mcp revoke ID`: the agents that read for whoever is signed in. */
export async function mcpCommand(
  session: Session,
  what: string,
  options: McpOptions,
  to: Console,
): Promise<Exit> {
  if (what === 'grant') return grant(session, options, to);
  if (what === 'list') return list(session, to);
  if (what === 'revoke' && options.id !== undefined) {
    await session.api.agents.revoke({ id: options.id });
    print(to, {}, () => say('console.agent.ended'));
    return exits.done;
  }
  const usage = 'mcp grant --project NAME | mcp list | mcp revoke ID | mcp --project NAME';
  tell(to, say('console.agent.what', { usage }));
  return exits.usage;
}

async function grant({ api }: Session, options: McpOptions, to: Console): Promise<Exit> {
  const days = options.days === undefined ? 90 : Number(options.days);
  if (!Number.isInteger(days) || days < 1 || days > mostAgentDays) {
    tell(to, say('console.agent.days', { most: mostAgentDays }));
    return exits.usage;
  }
  if (options.project === undefined) {
    tell(to, say('console.agent.project'));
    return exits.usage;
  }
  const project = findNamed('Project', await api.projects.list(), options.project, to);
  if (!project) return exits.usage;
  const made = await api.agents.grant({
    ...{ projectId: project.id, name: options.name ?? 'agent', mayRefresh: options.refresh, days },
  });
  print(to, made, () => made.token);
  const { id, name, projectName, expiresAt } = made.grant;
  tell(to, say('console.agent.made', { name, project: projectName, until: day(expiresAt) }));
  tell(to, say('console.agent.toEnd', { command: `headgate mcp revoke ${id}` }));
  return exits.done;
}

async function list({ api }: Session, to: Console): Promise<Exit> {
  const agents = await api.agents.list();
  const { text } = to.words;
  print(to, agents, () =>
    agents.length === 0
      ? say('console.agent.none')
      : table(
          [...headsOf(to, ['agent', 'of', 'project', 'refresh', 'until', 'lastUsed']), 'id'],
          agents.map((agent) => [
            ...[
              agent.name,
              agent.personName,
              agent.projectName,
              text(say(agent.mayRefresh ? 'console.yes' : 'console.no')),
            ],
            ...[
              day(agent.expiresAt),
              agent.lastUsedAt === null ? text(say('console.never')) : day(agent.lastUsedAt),
              agent.id,
            ],
          ]),
        ),
  );
  return exits.done;
}
