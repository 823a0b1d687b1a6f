import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Client } from '../../preload/contract/client.ts';
import { rawDb } from './parts.ts';
import type { Setup } from './workspace.ts';

/** A connection and a project of so many datasets that are all due, each of a source of its own. */
export async function manyDue(
  ws: { readonly api: Client; readonly folder: string },
  count: number,
  setup: Pick<Setup, 'postgres' | 'database' | 'sourceUrl' | 'domain' | 'superuserReason'>,
): Promise<void> {
  const { api } = ws;
  const { host, port, user, password } = setup.postgres;
  const connection = await api.connections.create({
    ...{ name: `target ${randomUUID()}`, host, port, database: setup.database, tlsMode: 'disable' },
    ...{ user, password, superuserReason: setup.superuserReason ?? '' },
  });
  const project = await api.projects.create({
    name: `Project ${randomUUID()}`,
    connectionId: connection.id,
  });
  for (let at = 0; at < count; at += 1) {
    const source = await api.sources.create({
      ...{ name: `CommCare ${at} ${randomUUID()}`, sourceType: 'commcare', baseUrl: setup.sourceUrl },
      ...{ clientId: 'headgate-desktop', settings: { domain: setup.domain } },
    });
    await api.credentials.signIn({ sourceId: source.id });
    await api.links.create({
      ...{ projectId: project.id, sourceId: source.id, credentialMode: 'user' },
      syncConfig: { datasets: ['forms'], keepRaw: false },
    });
  }
  using file = rawDb(join(ws.folder, 'headgate.db'));
  file.exec(
    `UPDATE materialised_datasets SET status = 'ready', next_sync_at = '2020-01-01T00:00:00.000Z' WHERE data_as_of IS NULL`,
  );
}
