import { expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { english } from '../../preload/messages/said.ts';
import { createHqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase } from '../support/database.ts';
import { keptDesk } from '../support/seat.ts';
import { makeKey, noSshd, startSshd } from '../support/sshd.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

/* Through a jump host as a person sets it up: the key of the host is accepted once, then a sync in its thread uses it. */

it.skipIf(noSshd !== null)(`a sync through a jump host ${noSshd ?? ''}`, async () => {
  const passphrase = 'hop-passphrase-canary';
  const key = makeKey('ed25519', passphrase);
  const sshd = await startSshd({ hostKeys: [makeKey(), makeKey('rsa')], authorized: [key.public] });
  await using db = await createDatabase();
  let agrees = true;
  let question = '';
  const desk = keptDesk(systemClock);
  desk.confirm = async ({ what }) => {
    question = what === null ? '' : english(what);
    return agrees;
  };
  await using ws = await openWorkspace({ desk });
  const sim = await createHqSimulator({ domains: [{ name: 'demo', forms: 120, cases: 30, seed: 3 }] });
  const link = await setUp(ws.api, {
    postgres: db.postgres,
    database: db.database,
    sourceUrl: sim.url,
    domain: 'demo',
  });
  const { items } = await ws.api.connections.list();
  const id = items.find(({ usedBy }) => usedBy.some((project) => project.id === link.projectId))?.id ?? '';
  await ws.api.connections.update({
    id,
    // On another way it is entered again.
    password: db.postgres.password,
    ssh: [
      {
        host: sshd.host,
        port: sshd.port,
        user: sshd.user,
        auth: 'key',
        key: key.private,
        keyPassphrase: passphrase,
      },
    ],
  });

  const asked = await ws.api.connections.test({ id });
  expect(asked.error).toMatchObject({ code: 'SSH_HOST_UNKNOWN' });
  expect((await syncToEnd(ws, link)).error).toMatchObject({ code: 'SSH_HOST_UNKNOWN' });
  const trusting = { id, fingerprint: asked.hostKey?.fingerprint ?? '' };
  agrees = false;
  await expect(ws.api.connections.trustHost(trusting)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(question).toContain(`${sshd.host}, port ${sshd.port}`);
  expect(question).toContain(trusting.fingerprint);
  agrees = true;
  await ws.api.connections.trustHost(trusting);
  expect((await ws.api.connections.test({ id })).error).toBeNull();

  expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed', error: null });
  const [dataset] = await ws.api.datasets.list({});
  expect((await ws.api.datasets.rows({ id: dataset?.id ?? '', table: 'forms', limit: 5 })).rows).toHaveLength(
    5,
  );
  expect(JSON.stringify(ws.logs) + JSON.stringify(ws.events)).not.toContain('canary');
  sshd.stop();
  await sim.close();
});
