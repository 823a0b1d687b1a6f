import { mostAgentDays } from '../../../preload/contract/models.ts';
import { count, table } from '../terminal/terminal.ts';
import { type Console, type Exit, exits, findNamed, print, type Session } from './commands.ts';

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
    print(to, {}, () => 'Its access has ended.');
    return exits.done;
  }
  to.err.write(
    'Say what: mcp grant --project NAME, mcp list, mcp revoke ID, or mcp --project NAME to serve.\n',
  );
  return exits.usage;
}

async function grant({ api }: Session, options: McpOptions, to: Console): Promise<Exit> {
  const days = options.days === undefined ? 90 : Number(options.days);
  if (!Number.isInteger(days) || days < 1 || days > mostAgentDays) {
    to.err.write(`--days must be a whole number from 1 to ${count(mostAgentDays)}.\n`);
    return exits.usage;
  }
  if (options.project === undefined) {
    to.err.write('Say with --project which project it may read.\n');
    return exits.usage;
  }
  const project = findNamed('Project', await api.projects.list(), options.project, to);
  if (!project) return exits.usage;
  const made = await api.agents.grant({
    ...{ projectId: project.id, name: options.name ?? 'agent', mayRefresh: options.refresh, days },
  });
  print(to, made, () => made.token);
  const { id, name, projectName, expiresAt } = made.grant;
  to.err.write(
    `“${name}” may read “${projectName}” until ${day(expiresAt)}. The token is shown this once; keep it in a file that only you can read.\nTo end it: headgate mcp revoke ${id}\n`,
  );
  return exits.done;
}

async function list({ api }: Session, to: Console): Promise<Exit> {
  const agents = await api.agents.list();
  print(to, agents, () =>
    agents.length === 0
      ? 'No agent may read anything.'
      : table(
          ['agent', 'of', 'project', 'refresh', 'until', 'last used', 'id'],
          agents.map((agent) => [
            ...[agent.name, agent.personName, agent.projectName, agent.mayRefresh ? 'yes' : 'no'],
            ...[day(agent.expiresAt), agent.lastUsedAt === null ? 'never' : day(agent.lastUsedAt), agent.id],
          ]),
        ),
  );
  return exits.done;
}
