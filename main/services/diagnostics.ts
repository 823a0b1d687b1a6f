import { release } from 'node:os';
import type { Services } from './context.ts';

/** As much of the log as tells what led to a failure, and can still be sent by mail. */
const logBytes = 512 * 1024;
/** Jobs of the last days of a busy workspace. */
const mostJobs = 100;
/** More connections than this tell nothing more, and would make the file too long to be looked through. */
const mostConnections = 500;

const readLine = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
};

/**
 * What somebody who helps has to know of this workspace, as JSON that a person can look through before it is passed on. Names
 * of servers, schemas and people are in it. Secrets can't be: nothing here opens the vault, and everything passes the
 * redactor, the log a second time.
 */
export async function diagnosticsOf(
  { host, store, vault, access, jobs, now }: Services,
  signal: AbortSignal,
): Promise<{ text: string; count: number }> {
  const lines = host
    .recentLog(logBytes)
    .split('\n')
    .filter((line) => line !== '');
  const connections = store.connections.all();
  // Under a name that does not say it is secret: the redactor would take the number out.
  const { secrets: sealed, ...state } = vault.status();
  const audit = await access.audit.verify(signal);
  const found = {
    about:
      'Headgate diagnostics. Names of servers, schemas and people are in here; passwords and tokens are not.',
    at: now(),
    app: {
      version: host.version,
      host: host.kind,
      platform: host.platform,
      release: release(),
      versions: process.versions,
      memory: process.memoryUsage(),
      uptimeSeconds: Math.round(process.uptime()),
    },
    workspace: { id: store.workspaceId, runningSyncs: jobs.running },
    vault: { ...state, sealed, protectorProblem: host.protectorProblem },
    policy: access.policy(),
    audit,
    people: store.people.list().map(({ id, roles }) => ({ id, roles })),
    connections: connections.slice(0, mostConnections).map(({ id }) => {
      const { tlsCa, tlsCert, ...rest } = store.connections.get(id);
      return { ...rest, hasCa: tlsCa !== null, hasClientCertificate: tlsCert !== null };
    }),
    connectionsLeftOut: Math.max(0, connections.length - mostConnections),
    jobs: store.jobs.list(null, { limit: mostJobs }),
    log: lines.map(readLine),
  };
  return { text: `${JSON.stringify(host.redactor.value(found), null, 2)}\n`, count: lines.length };
}
