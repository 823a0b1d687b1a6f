import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceHealth } from '../../preload/contract/models.ts';
import { bundleProgram } from '../support/bundle.ts';

/* `headgate serve` as a service: what watches over it, and what signals it takes. */

let program: Awaited<ReturnType<typeof bundleProgram>>;
const cleanups: (() => unknown)[] = [];
beforeAll(async () => {
  program = await bundleProgram('serve');
});
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});
afterAll(() => program.remove());

const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-serve-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

interface Command {
  readonly child: ChildProcess;
  readonly said: { out: string; err: string };
  readonly code: Promise<number | null>;
}
function headgate(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Command {
  const child = spawn(process.execPath, [program.file, ...args, '--data', folder], {
    env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (said.err += text));
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  cleanups.push(async () => {
    child.kill('SIGKILL');
    await code;
  });
  return { child, said, code };
}
async function serving(
  folder: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Command> {
  const serve = headgate(folder, ['serve', ...args], env);
  await expect.poll(() => serve.said.err, { timeout: 30_000 }).toContain('keeps its timetable');
  return serve;
}

describe('headgate health', () => {
  it('says whether the owner is well, without signing in, and opens nothing itself', async () => {
    const folder = temporary();
    const nobody = headgate(join(folder, 'nowhere'), ['health']);
    expect(await nobody.code).toBe(5);
    expect(nobody.said.err).toContain('(OWNER_UNREACHABLE)');
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);

    const serve = await serving(folder);
    const well = headgate(folder, ['health', '--json']);
    expect(await well.code, well.said.err).toBe(0);
    expect(JSON.parse(well.said.out)).toMatchObject({
      ok: true,
      data: { problems: [], vault: 'key_file', running: 0, lookedAt: expect.any(String) },
    });
    // It tells of states only.
    expect(Object.keys((JSON.parse(well.said.out) as { data: object }).data).sort()).toEqual(
      ['lookedAt', 'problems', 'running', 'vault', 'version'].sort(),
    );
    serve.child.kill('SIGTERM');
    expect(await serve.code).toBe(0);
  });

  it('is 3 and says what to do where the vault does not open', async () => {
    const folder = temporary();
    const first = await serving(folder);
    first.child.kill('SIGTERM');
    expect(await first.code).toBe(0);
    writeFileSync(join(folder, 'vault.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`);
    await serving(folder);
    const ill = headgate(folder, ['health']);
    expect(await ill.code).toBe(3);
    expect(ill.said.out).toContain('Its vault is not open');
    expect(ill.said.out).toContain('HEADGATE_KEY_FILE');
  });
});

describe('the health port', () => {
  interface Answer {
    readonly status: number;
    readonly body: string;
  }
  const ask = (
    port: number,
    options: { method?: string; path?: string; headers?: Record<string, string> },
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { method = 'GET', path = '/health', headers = {} } = options;
      request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text) => (body += text));
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      })
        .once('error', reject)
        .end();
    });

  it('answers whoever knows the token, by its own name, and nobody else', async () => {
    const folder = temporary();
    const serve = await serving(folder, ['--health', '0']);
    const port = Number(/127\.0\.0\.1:(\d+)\/health/.exec(serve.said.err)?.[1]);
    const file = join(folder, 'health.token');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const token = readFileSync(file, 'utf8').trim();
    expect(serve.said.err).not.toContain(token);
    expect(readFileSync(join(folder, 'headgate.log'), 'utf8')).not.toContain(token);
    const authorization = `Bearer ${token}`;

    const well = await ask(port, { headers: { authorization } });
    expect(well.status).toBe(200);
    expect(JSON.parse(well.body) as ServiceHealth).toMatchObject({ problems: [], vault: 'key_file' });
    expect(await ask(port, { method: 'HEAD', headers: { authorization } })).toEqual({
      status: 200,
      body: '',
    });
    const named = { authorization, host: `localhost:${port}` };
    expect((await ask(port, { headers: named })).status).toBe(200);

    const refusals: [number, Parameters<typeof ask>[1]][] = [
      [401, {}],
      [401, { headers: { authorization: 'Bearer ' } }],
      [401, { headers: { authorization: `Bearer ${token}0` } }],
      [401, { headers: { authorization: `Basic ${token}` } }],
      [403, { headers: { authorization, host: `attacker.example:${port}` } }],
      [403, { headers: { authorization, host: '127.0.0.1' } }],
      [404, { path: '/', headers: { authorization } }],
      [404, { path: '/health?x', headers: { authorization } }],
      [405, { method: 'POST', headers: { authorization } }],
      [405, { method: 'OPTIONS', headers: { authorization } }],
    ];
    for (const [status, options] of refusals) {
      const answer = await ask(port, options);
      expect(answer.status, JSON.stringify(options)).toBe(status);
      expect(answer.body).not.toContain('vault');
    }
    expect((await ask(port, { headers: { authorization, 'x-long': 'x'.repeat(5000) } })).status).toBe(431);

    // Those that only hold a connection open are not in the way of its end.
    const idle = connect(port, '127.0.0.1');
    idle.on('error', () => {});
    await new Promise((resolve) => idle.once('connect', resolve));
    serve.child.kill('SIGTERM');
    expect(await serve.code).toBe(0);

    // The token stays; one that others can read is no token, and another program's port is none.
    const again = await serving(folder, ['--health', '0']);
    expect(readFileSync(file, 'utf8').trim()).toBe(token);
    const taken = /127\.0\.0\.1:(\d+)\/health/.exec(again.said.err)?.[1] ?? '';
    const other = headgate(temporary(), ['serve', '--health', taken]);
    expect(await other.code).toBe(3);
    expect(other.said.err).toContain('another program has it');
    again.child.kill('SIGTERM');
    expect(await again.code).toBe(0);
    chmodSync(file, 0o644);
    const open = headgate(folder, ['serve', '--health', '0']);
    expect(await open.code).toBe(3);
    expect(open.said.err).toContain('only its user may read it');
  });

  it.each(['x', '-1', '70000', '1.5'])('is a number: %s is none', async (typed) => {
    const wrong = headgate(temporary(), ['serve', `--health=${typed}`]);
    expect(await wrong.code).toBe(3);
    expect(wrong.said.err).toContain('the number of a port');
  });
});

describe.skipIf(process.platform === 'win32')('signals', () => {
  it('SIGHUP reads the policy files again and does what is due; a slip in one ends nothing', async () => {
    const folder = temporary();
    const policy = join(folder, 'policy.json');
    const write = (text: string): void => writeFileSync(policy, text, { mode: 0o600 });
    write('{"healthMinutes": 7}');
    const serve = await serving(folder, [], { HEADGATE_POLICY: policy });
    const now = async (): Promise<unknown> => {
      const asked = headgate(folder, ['call', 'policy.get', '--json']);
      expect(await asked.code, asked.said.err).toBe(0);
      return (JSON.parse(asked.said.out) as { data: unknown }).data;
    };
    expect(await now()).toMatchObject({ healthMinutes: 7, fixed: ['healthMinutes'] });
    write('{"healthMinutes": 9, "reveal": "forbid"}');
    serve.child.kill('SIGHUP');
    await expect.poll(() => serve.said.err).toContain('were read again');
    expect(await now()).toMatchObject({ healthMinutes: 9, reveal: 'forbid' });
    write('{"healthMinutes": ');
    serve.child.kill('SIGHUP');
    await expect.poll(() => serve.said.err).toContain('What held before still holds');
    expect(await now()).toMatchObject({ healthMinutes: 9, reveal: 'forbid' });
    serve.child.kill('SIGTERM');
    expect(await serve.code).toBe(0);
  });
});

/** What a service manager's socket is told, by a program that has such sockets; null where none is here. */
function managerSocket(folder: string): { path: string; told: () => string[] } | null {
  if (spawnSync('systemd-notify', ['--version']).status !== 0) return null;
  if (spawnSync('python3', ['--version']).status !== 0) return null;
  const path = join(folder, 'notify.sock');
  const listener = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True: print(s.recv(4096).decode().replace(chr(10), ' '), flush=True)`;
  const child = spawn('python3', ['-c', listener, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more) => (text += more));
  cleanups.push(() => child.kill('SIGKILL'));
  return { path, told: () => text.split('\n').filter((line) => line !== '' && !line.includes('BARRIER')) };
}

describe('the service manager', () => {
  it('is told that it is ready, that it lives, and that it stops', async ({ skip }) => {
    const folder = temporary();
    const manager = managerSocket(folder);
    if (manager === null) return skip('systemd-notify or python3 is not here');
    await expect.poll(() => existsSync(manager.path), { timeout: 10_000 }).toBe(true);
    const serve = await serving(folder, [], { NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: '1000000' });
    expect(manager.told()[0]).toBe('READY=1');
    await expect
      .poll(() => manager.told().filter((line) => line === 'WATCHDOG=1').length, { timeout: 20_000 })
      .toBeGreaterThan(1);
    serve.child.kill('SIGTERM');
    expect(await serve.code).toBe(0);
    expect(manager.told().at(-1)).toBe('STOPPING=1');
  });

  it('that can not be told is no reason to end', async () => {
    const folder = temporary();
    const serve = await serving(folder, [], { NOTIFY_SOCKET: join(folder, 'nobody.sock'), PATH: folder });
    expect(readFileSync(join(folder, 'headgate.log'), 'utf8')).toContain('service.untold');
    serve.child.kill('SIGTERM');
    expect(await serve.code).toBe(0);
  });

  it('may hand over the key in its own folder, readable by an access list', async () => {
    const folder = temporary();
    const key = join(folder, 'vault.key');
    const first = await serving(folder);
    first.child.kill('SIGTERM');
    expect(await first.code).toBe(0);
    const health = async (): Promise<number | null> => headgate(folder, ['health']).code;
    for (const [mode, credentials, code] of [
      [0o440, folder, 0],
      [0o440, '', 3],
      [0o444, folder, 3],
    ] as const) {
      chmodSync(key, mode);
      const serve = await serving(folder, [], { CREDENTIALS_DIRECTORY: credentials });
      expect(await health(), `${mode.toString(8)} ${credentials}`).toBe(code);
      serve.child.kill('SIGTERM');
      expect(await serve.code).toBe(0);
    }
  });
});

describe('the unit', () => {
  it('is one that systemd takes, and is hardened', async ({ skip }) => {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) return skip('systemd-analyze is not here');
    const run = promisify(execFile);
    const root = join(import.meta.dirname, '..', '..');
    const unit = readFileSync(join(root, 'assets', 'headgate.service'), 'utf8');
    const file = join(temporary(), 'headgate.service');
    // Where the program is here; what is not there is complained of.
    writeFileSync(
      file,
      unit
        .replace('/opt/headgate/node_modules/.bin/node', process.execPath)
        .replaceAll('/opt/headgate', root),
    );
    const { stdout, stderr } = await run('systemd-analyze', ['verify', file]);
    expect(stdout + stderr).toBe('');
    await run('systemd-analyze', ['security', '--offline=true', '--threshold=25', file]);
  });
});
