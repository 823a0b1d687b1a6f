import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Clock } from '../../host.ts';
import { type Console, tell } from '../commands/commands.ts';
import { untilAborted } from '../service/signals.ts';
import { type AgentLine, openLine, type Seating } from './line.ts';
import { tokenFrom } from './token.ts';

/** Where agents are served by HTTP unless it is said. */
export const usualPort = 7420;

export interface ServeAgentsDeps {
  /** Id or name of the project that the token has to be for. */
  readonly project: string;
  readonly tokenFile: string | undefined;
  /** As it was typed; undefined: over input and output. */
  readonly http: string | undefined;
  readonly origins: readonly string[];
  readonly seating: Seating;
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  readonly process: Pick<NodeJS.Process, 'stdin' | 'stdout'>;
  readonly clock: Clock;
}

function portOf(typed: string): number {
  const port = Number(typed);
  if (/^\d+$/.test(typed) && port <= 65_535) return port;
  throw new AppError('INPUT_INVALID', say('command.httpTakesNumberPort'));
}

const loopback = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;
function insistLocal(origins: readonly string[]): void {
  for (const origin of origins)
    if (!loopback.test(origin))
      throw new AppError('INPUT_INVALID', say('command.noPageComputer', { origin }), {
        advice: say('command.noPageComputer.advice'),
      });
}

/**
 * `mcp --project NAME`: serves the agent of a token until its client leaves, or those that come by HTTP until `to.signal` says
 * that it is over. Nothing but the protocol is written to the output. Fails with LOCKED once the grant has ended.
 */
export async function serveAgents(deps: ServeAgentsDeps, to: Console): Promise<void> {
  const { project, seating, http, version } = deps;
  const port = http === undefined ? null : portOf(http);
  insistLocal(deps.origins);
  const token = tokenFrom(deps.env, deps.tokenFile);
  const sit = async (): Promise<AgentLine> => {
    const line = await openLine(seating, token);
    const { projectId, projectName } = line.grant;
    if (project === projectId || project.toLowerCase() === projectName.toLowerCase()) return line;
    await line.leave();
    throw new AppError('PERMISSION_DENIED', say('command.tokenAgentNotProject', { project }));
  };
  try {
    const first = await sit();
    if (port === null) {
      const { serveTools } = await import('./server.ts');
      try {
        await serveTools(first, version, deps.process.stdin, deps.process.stdout, to.signal);
      } finally {
        await first.leave();
      }
      return;
    }
    // It was a look at whether the token is good.
    await first.leave();
    const { openHttpAgents } = await import('./http-port.ts');
    const { origins, clock } = deps;
    const agents = await openHttpAgents({ port, token, origins, sit, version, clock });
    try {
      const { projectName: project, name } = first.grant;
      tell(to, say('console.agents.connect', { project, url: agents.url, name }));
      await untilAborted(to.signal);
    } finally {
      await agents.close();
    }
  } finally {
    await seating.close();
  }
}
