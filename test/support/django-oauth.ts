import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnServer } from './processes.ts';

/* A server with Django and django-oauth-toolkit, the OAuth software of CommCare HQ, as they come with Debian. */

const python = '/usr/bin/python3';
const known = spawnSync(python, ['-c', 'import oauth2_provider'], { timeout: 30_000 });
/** Why these tests can't run here; null when they can. */
export const noDjangoOAuth: string | null =
  known.status === 0 ? null : 'skipped: python3-django-oauth-toolkit is not installed';

export interface DjangoPerson {
  readonly name: string;
  readonly password: string;
  /** Project spaces. */
  readonly spaces: readonly string[];
}

export interface DjangoClient {
  readonly id: string;
  /** Only of one that is registered as confidential. */
  readonly secret?: string;
  readonly redirect: string;
  /** Whether it is registered so that it has to send a code challenge. */
  readonly pkce: boolean;
}

/** What time or an operator does to it; each is described in server.py. */
type Change = 'expire' | 'age_codes' | 'age_refresh_tokens' | 'clean_up' | 'meet' | 'live';

export interface DjangoOAuth extends AsyncDisposable {
  readonly url: string;
  /** Of django-oauth-toolkit. */
  readonly version: string;
  /** Resolves once it is so, with what it answers where it is a question. */
  change(what: Change, to?: string | number): Promise<unknown>;
}

/** Starts it on a free port of 127.0.0.1; it ends with this process. Fails with what Python said. */
export async function startDjangoOAuth(
  users: readonly DjangoPerson[],
  clients: readonly DjangoClient[],
): Promise<DjangoOAuth> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-django-'));
  const script = join(import.meta.dirname, 'django-oauth', 'server.py');
  // Nothing of the environment: a person's own Python settings and packages change nothing.
  const child = spawnServer(python, ['-I', '-B', script, folder], {
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('python3 was started without its pipes');
  let said = '';
  stderr.setEncoding('utf8').on('data', (piece: string) => {
    said = (said + piece).slice(-4000);
  });
  // One that has ended already says so by the end of its lines.
  stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const clear = (): void => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', clear);

  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const ask = async (wish: object): Promise<Record<string, unknown>> => {
    stdin.write(`${JSON.stringify(wish)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`the OAuth server has ended: ${said}`);
    return JSON.parse(value);
  };
  let turn: Promise<unknown> = Promise.resolve();
  try {
    const { url, version } = await ask({ users, clients });
    return {
      url: String(url),
      version: String(version),
      change(what, to) {
        const asked = turn.then(() => ask({ change: what, to }));
        turn = asked.catch(() => {});
        return asked.then(({ done }) => done);
      },
      async [Symbol.asyncDispose]() {
        process.removeListener('exit', clear);
        stdin.end();
        clear();
        await ended;
      },
    };
  } catch (error) {
    clear();
    throw error;
  }
}
