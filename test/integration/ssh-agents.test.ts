import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { codeOf } from '../support/parts.ts';
import { type Agent, makeKey, noAgent, noSshd, type Sshd, startAgent, startSshd } from '../support/sshd.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* Which agent is asked for which jump host, which of its keys is shown, and what is done without one. */

const [one, two, strange] = [makeKey(), makeKey(), makeKey()];
const sealed = makeKey('ecdsa', 'canary-passphrase');

describe.skipIf(noSshd !== null || noAgent !== null)(
  `the agent of a jump host ${noSshd ?? noAgent ?? ''}`,
  () => {
    let db: TestDatabase;
    let hops: Sshd[] = [];
    let agents: Agent[] = [];
    let home = '';
    let ws: Workspace;
    beforeAll(async () => {
      db = await createDatabase();
      // One wrong key is one too many.
      const config = ['MaxAuthTries 1'];
      hops = await Promise.all([
        startSshd({ hostKeys: [makeKey()], authorized: [one.public], config }),
        startSshd({ hostKeys: [makeKey()], authorized: [two.public] }),
      ]);
      agents = [await startAgent([strange, one]), await startAgent([two])];
      home = mkdtempSync(join(tmpdir(), 'headgate-agents-'));
      mkdirSync(join(home, '.ssh'));
      writeFileSync(join(home, '.ssh/known_hosts'), hops.map(({ known }) => known).join(''));
      ws = await openWorkspace({ env: { HOME: home } });
    });
    afterAll(async () => {
      await ws[Symbol.asyncDispose]();
      for (const each of [...hops, ...agents]) each.stop();
      rmSync(home, { recursive: true, force: true });
      await db[Symbol.asyncDispose]();
    });

    const hop = (at: number, more: object = {}) => {
      const { host, port, user } = hops[at] as Sshd;
      return { host, port, user, auth: 'agent' as const, ...more };
    };
    const test = async (ssh: ReturnType<typeof hop>[]) => {
      const { id } = await ws.api.connections.create({
        ...{ ...db.postgres, database: db.database, name: `n ${Math.random()}`, tlsMode: 'disable' },
        ssh,
      });
      // What is missing on this computer is told before anybody is asked.
      return ws.api.connections.test({ id }).then(
        ({ error }) => error,
        (error: unknown) => error,
      );
    };
    const at = (index: number) => ({ agentSocket: agents[index]?.socket });

    it('is its own, and shows the one key that is chosen', async () => {
      expect(
        await test([hop(0, { ...at(0), agentKey: `${one.public} a comment` }), hop(1, at(1))]),
      ).toBeNull();
      // With every key shown the wrong one comes first, and the server hangs up.
      expect(await test([hop(0, at(0))])).toMatchObject({ code: 'SSH_UNREACHABLE' });
      expect(await test([hop(0, { ...at(0), agentKey: two.public })])).toMatchObject({
        code: 'SSH_AGENT_MISSING',
        message: `The SSH agent does not hold the key that is chosen for 127.0.0.1:${hops[0]?.port}.`,
      });
    });
    it('is a socket of this computer, and its key a public one', async () => {
      for (const more of [
        { agentSocket: 'agent' },
        { agentSocket: '//elsewhere/agent' },
        { agentSocket: '\\\\elsewhere\\pipe\\agent' },
        { agentKey: sealed.private },
      ])
        expect(await codeOf(() => test([hop(0, more)]))).toBe('INPUT_INVALID');
    });
    it('is taken from an ssh_config, with the key that its public file names', async () => {
      writeFileSync(join(home, '.ssh/one.pub'), `${one.public} me@here\n`);
      const { port, user } = hops[0] as Sshd;
      const text = `Host jump\n HostName 127.0.0.1\n Port ${port}\n User ${user}\n IdentityAgent ${agents[0]?.socket}\n IdentityFile ~/.ssh/one.pub\n IdentitiesOnly yes\nHost lost\n IdentityFile ~/.ssh/lost.pub`;
      const plan = await ws.api.imports.preview({ kind: 'ssh_config', text });
      expect(plan.hosts.map(({ notes }) => notes)).toEqual([
        [],
        ['The public key ~/.ssh/lost.pub could not be read; any key of the agent is used.'],
      ]);
      const { id } = await ws.api.connections.create({
        ...{ ...db.postgres, database: db.database, name: 'imported' },
      });
      const hosts = [{ key: plan.hosts[0]?.key ?? '', connectionIds: [id] }];
      await ws.api.imports.apply({ planId: plan.planId, connections: [], hosts, projects: [] });
      const { ssh } = await ws.api.connections.get({ id });
      expect(ssh).toMatchObject([{ agentSocket: agents[0]?.socket, agentKey: one.public }]);
      expect(await test(ssh.map(({ id: _, ...each }) => hop(0, each)))).toBeNull();
    });
    it('that there is none of has the usual keys stand in, those that open, in the order of ssh', async () => {
      expect(await test([hop(1)])).toMatchObject({ code: 'SSH_AGENT_MISSING' });
      writeFileSync(join(home, '.ssh/id_ecdsa'), sealed.private, { mode: 0o600 });
      expect(await test([hop(1)])).toMatchObject({ code: 'SSH_KEY_UNUSABLE' });
      writeFileSync(join(home, '.ssh/id_rsa'), makeKey('rsa').private, { mode: 0o600 });
      expect(await test([hop(1)])).toMatchObject({ code: 'SSH_LOGIN_REFUSED' });
      writeFileSync(join(home, '.ssh/id_ed25519'), two.private, { mode: 0o600 });
      expect(await test([hop(1)])).toBeNull();
      expect(await test([hop(1, { agentSocket: 'none' })])).toBeNull();
      // Whoever chose a key of an agent is not signed in by another.
      expect(await test([hop(1, { agentKey: two.public })])).toMatchObject({ code: 'SSH_AGENT_MISSING' });
    });
  },
);
