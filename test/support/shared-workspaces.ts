import { randomUUID } from 'node:crypto';
import type { Link } from '../../preload/contract/models.ts';
import type { HqSimulator } from '../simulators/commcare-hq/index.ts';
import type { TestDatabase } from './database.ts';
import { vaultIn } from './parts.ts';
import { openWorkspace, setUp, type Workspace, type WorkspaceOptions } from './workspace.ts';

/** The passphrases that a bundle takes on its way. */
export const ownWords = 'my own canary words';
export const bundleWords = 'bundle canary words';

/** A project with its own sign-in, ready to be shared. */
export async function ready(ws: Workspace, db: TestDatabase, sim: HqSimulator): Promise<Link> {
  const link = await setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'demo' },
    ...{ credentialMode: 'project' as const, datasets: ['forms'] },
  });
  const { person } = await ws.api.app.info();
  await ws.api.people.setPassphrase({ id: person.id, next: ownWords });
  return link;
}

/** A sealed bundle of a link's project, with its sign-in unless said otherwise. */
export async function sealedProject(ws: Workspace, link: Link, signIns = true): Promise<string> {
  const project = (await ws.api.projects.list()).find(({ id }) => id === link.projectId);
  const { text } = await ws.api.connections.seal({
    ids: [project?.connectionId ?? ''],
    projects: [{ id: link.projectId, signIns }],
    for: { passphrase: bundleWords },
    ...{ reason: 'a second workspace', passphrase: ownWords },
  });
  return text ?? '';
}

/** Takes everything of a bundle that is new. */
export async function takeAll(ws: Workspace, text: string) {
  const plan = await ws.api.imports.preview({ kind: 'sealed', text, passphrase: bundleWords });
  const result = await ws.api.imports.apply({
    planId: plan.planId,
    connections: plan.connections
      .filter(({ status }) => status === 'new')
      .map(({ key }) => ({ key, action: 'create' as const })),
    projects: plan.projects.map(({ name }) => name),
  });
  return { plan, result };
}

/** Two workspaces that share one sign-in. */
export async function sharing(
  db: TestDatabase,
  sim: HqSimulator,
  options: WorkspaceOptions & { /** Where the database is reached. */ readonly port?: number } = {},
): Promise<{ one: Workspace; two: Workspace; link: Link; bundle: string } & AsyncDisposable> {
  const { port = db.postgres.port, ...rest } = options;
  const one = await openWorkspace(rest);
  const link = await ready(one, { ...db, postgres: { ...db.postgres, port } }, sim);
  const bundle = await sealedProject(one, link);
  const { folder: _, ...others } = rest;
  const two = await openWorkspace(others);
  await takeAll(two, bundle);
  return {
    ...{ one, two, link, bundle },
    async [Symbol.asyncDispose]() {
      await one[Symbol.asyncDispose]();
      await two[Symbol.asyncDispose]();
    },
  };
}

/** The one project sign-in of a workspace. */
export async function signInOf({ api }: Workspace) {
  const found = (await api.credentials.list()).find(({ projectId }) => projectId !== null);
  if (!found) throw new Error(`no sign-in of a project ${randomUUID()}`);
  return found;
}

/** Asks the source for something with the project's sign-in, which renews it where that is due; answers whose it is. */
export async function use(ws: Workspace): Promise<string> {
  const { sourceId, projectId } = await signInOf(ws);
  return (await ws.api.sources.discover({ id: sourceId, projectId: projectId ?? '' })).account;
}

/** The same; answers the code of the error, or that it worked. */
export const codeOfUse = (ws: Workspace): Promise<string> =>
  use(ws).then(
    () => 'worked',
    (error: { code: string }) => error.code,
  );

/** What a workspace has in its vault of the sign-in. */
export async function sealedOf(ws: Workspace): Promise<Record<string, string>> {
  const { vault } = await vaultIn(ws.folder);
  try {
    return { ...(await vault.get((await signInOf(ws)).id)) };
  } finally {
    vault.close();
  }
}

export async function tokensOf(ws: Workspace) {
  const { accessToken = '', refreshToken = '' } = await sealedOf(ws);
  return { accessToken, refreshToken };
}
