import { randomBytes } from 'node:crypto';
import type { ServiceHealth } from '../../../preload/contract/models.ts';
import { plain } from '../../../preload/contract/said.ts';
import { below, say, several } from '../../../preload/messages/said.ts';
import type { App } from '../../app.ts';
import { AppError, errorOf } from '../../errors.ts';
import { ownWorkspace } from '../../owner/owner.ts';
import { type Console, exits, tell } from '../commands/commands.ts';
import type { HeadlessHost } from '../host.ts';
import { type HealthPort, openHealthPort } from './health-port.ts';
import { healthToken, healthTokenFile } from './health-token.ts';
import { type ServiceManager, serviceManagerFromEnv } from './service-manager.ts';
import { untilAborted } from './signals.ts';

export interface ServeDeps {
  readonly folder: string;
  readonly open: () => Promise<{ host: HeadlessHost; app: App }>;
  /** The port for monitoring, as it was typed. */
  readonly health: string | undefined;
  readonly env: Record<string, string | undefined>;
  /** Where SIGHUP comes in. */
  readonly process: Pick<NodeJS.Process, 'on' | 'off' | 'platform' | 'stdin'>;
}

function portOf(typed: string): number {
  const port = Number(typed);
  if (/^\d+$/.test(typed) && port <= 65_535) return port;
  throw new AppError('INPUT_INVALID', say('command.healthTakesNumberPort'));
}

async function healthOf(app: App): Promise<ServiceHealth> {
  const answer = await app.call('app.health', {}, `health ${randomBytes(8).toString('hex')}`);
  if (!answer.ok) throw errorOf(answer.error);
  return answer.data as ServiceHealth;
}

/** What SIGHUP asks for: the policy files are read again, and what is due is done. */
function reload(host: HeadlessHost, app: App, to: Console): void {
  try {
    host.readPoliciesAgain();
    host.log.info('serve.reloaded', {});
    tell(to, say('console.serve.reloaded'));
  } catch (error) {
    // Who looks after other people's data is not ended by a slip in a file; what held before holds.
    host.log.error('serve.not_reloaded', { error });
    const [what, advice] =
      error instanceof AppError ? [error.said, [error.advised]] : [plain(String(error)), []];
    tell(to, below([what, several([say('console.serve.stillHolds'), ...advice])]));
  }
  void app.tick();
}

/** Tells the service manager again and again that all is well, as long as the timetable is looked at. */
function keepWatchdog(manager: ServiceManager | null, app: App): () => void {
  const { watchdogMs = null } = manager ?? {};
  if (manager === null || watchdogMs === null) return () => {};
  const timer = setInterval(() => {
    // A vault that is shut or a full disk is not set right by another start; a clock that stands still is.
    const isOnTime = ({ problems }: ServiceHealth): boolean => !problems.includes('timetable_late');
    void healthOf(app).then(
      (found) => (isOnTime(found) ? manager.tell('WATCHDOG=1') : undefined),
      () => {},
    );
  }, watchdogMs);
  return () => clearInterval(timer);
}

/**
 * `serve [--health PORT]`: owns the workspace and keeps its timetable until `to.signal` says that it is over; what runs then
 * is paused at a safe point. Fails with OWNER_UNREACHABLE where another Headgate owns the workspace.
 */
export async function serve(deps: ServeDeps, to: Console): Promise<number> {
  const { folder } = deps;
  const wanted = deps.health === undefined ? null : portOf(deps.health);
  // On Windows it is the end of the console, and at a terminal that of the terminal: there nobody is left to serve for.
  const isReload = deps.process.platform !== 'win32' && !deps.process.stdin.isTTY;
  const { host, app } = await deps.open();
  const manager = serviceManagerFromEnv(deps.env, host.log);
  // One that comes while it ends must not be its end.
  const onReload = (): void => {
    if (!to.signal.aborted) reload(host, app, to);
  };
  let port: HealthPort | null = null;
  let stopWatchdog = (): void => {};
  try {
    const owner = await ownWorkspace(host, app);
    if (owner === null) {
      throw new AppError('OWNER_UNREACHABLE', say('command.anotherHeadgateOwnsWorkspace', { folder }), {
        advice: say('command.anotherHeadgateOwnsWorkspace.advice'),
      });
    }
    try {
      if (wanted !== null)
        port = await openHealthPort(wanted, healthToken(folder, host.random), () => healthOf(app));
      if (isReload) deps.process.on('SIGHUP', onReload);
      app.startTimetable();
      stopWatchdog = keepWatchdog(manager, app);
      await manager?.tell('READY=1');
      if (port !== null)
        tell(to, say('console.serve.health', { url: port.url, file: healthTokenFile(folder) }));
      tell(to, say('console.serve.owns', { version: host.version, folder }));
      await untilAborted(to.signal);
      // Not waited for: the time that is left is for what runs.
      void manager?.tell('STOPPING=1');
    } finally {
      stopWatchdog();
      await port?.close();
      await owner.close();
    }
    return exits.done;
  } finally {
    await app.close();
    deps.process.off('SIGHUP', onReload);
  }
}
