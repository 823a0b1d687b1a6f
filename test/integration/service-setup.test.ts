import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { passphraseProtector } from '../../main/vault/passphrase.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { bundle } from '../support/bundle.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { random } from '../support/parts.ts';
import { openWorkspace, setUp } from '../support/workspace.ts';

/*
 * The lines of the README that set up a service are run as they stand there, in a folder of their own. Only what needs root,
 * systemd or a network is stood in for, by programs that take exactly what the lines say now and refuse anything else.
 */

const root = join(import.meta.dirname, '..', '..');
const phrase = 'service canary battery staple';

let db: TestDatabase;
let sim: HqSimulator;
let place: string;
let service: ChildProcess | null = null;

beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [{ name: 'served', forms: 30, cases: 5, seed: 6 }] });
  // Inside the project, where programs may be run and what is not bundled is found.
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true });
  place = mkdtempSync(join(root, 'node_modules', '.cache', 'headgate-service-'));
});
afterAll(async () => {
  service?.kill('SIGKILL');
  rmSync(place, { recursive: true, force: true });
  await sim.close();
  await db[Symbol.asyncDispose]();
});

/** The lines of the first block of commands under a heading. */
function linesUnder(heading: string): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const at = readme.indexOf(`\n### ${heading}\n`);
  expect(at, heading).toBeGreaterThan(0);
  const block = /```sh\n([\s\S]*?)\n```/.exec(readme.slice(at))?.[1] ?? '';
  return block.split('\n');
}

/** Where the places of the computer are in the folder. */
const here = (text: string): string =>
  text
    .replaceAll('/opt/headgate', join(place, 'opt'))
    .replaceAll('/etc/headgate', join(place, 'etc'))
    .replaceAll('/etc/systemd/system', join(place, 'units'))
    .replaceAll('/var/lib/headgate', join(place, 'lib', 'headgate'));

/** A clone that was installed and built. */
async function makeClone(): Promise<string> {
  const clone = join(place, 'clone');
  mkdirSync(join(clone, 'assets'), { recursive: true });
  await bundle(
    { 'headgate-main': 'main/headless/index.ts', 'sync-worker': 'main/sync/run/worker.ts' },
    join(clone, 'dist', 'main'),
  );
  copyFileSync(join(root, 'main', 'headless', 'start.mjs'), join(clone, 'dist', 'main', 'headgate.js'));
  copyFileSync(join(root, 'assets', 'headgate.service'), join(clone, 'assets', 'headgate.service'));
  copyFileSync(join(root, 'package.json'), join(clone, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  return clone;
}

/** What stands in for programs that need root, systemd or a network. */
function standIns(): string {
  const folder = join(place, 'bin');
  mkdirSync(folder);
  const node = JSON.stringify(process.execPath);
  const refuse = 'echo "not a use that the test knows: $0 $*" >&2; exit 9';
  const programs: Readonly<Record<string, string>> = {
    sudo: 'if [ "$1" = -u ]; then [ "$2" = headgate ] || exit 9; shift 2; fi; exec "$@"',
    npm: `case "$*" in ci|"run build") ;; "run headgate -- "*) shift 3; exec ${node} dist/main/headgate.js "$@";; *) ${refuse};; esac`,
    useradd: `[ "$*" = ${JSON.stringify(here('--system --home-dir /var/lib/headgate --shell /usr/sbin/nologin headgate'))} ] || { ${refuse}; }`,
    chown: `[ "$*" = ${JSON.stringify(here('-R headgate: /var/lib/headgate'))} ] || { ${refuse}; }`,
    systemctl: `case "$*" in daemon-reload) ;; "enable --now headgate") touch "$PLACE/wanted"; until [ -e "$PLACE/started" ]; do sleep 0.1; done;; *) ${refuse};; esac`,
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Starts the service as its unit says. */
function startUnit(): { said: () => string; ended: Promise<number | null> } {
  const unit = readFileSync(join(place, 'units', 'headgate.service'), 'utf8');
  const settingOf = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';
  expect(settingOf('StateDirectory')).toBe(basename('/var/lib/headgate'));
  const credentials = join(place, 'credentials');
  mkdirSync(credentials, { mode: 0o700 });
  const [name = '', from = ''] = settingOf('LoadCredential').split(/:(.*)/);
  copyFileSync(here(from), join(credentials, name));
  // As an access list shows it.
  chmodSync(join(credentials, name), 0o440);
  const env = settingOf('Environment')
    .replaceAll('%S', join(place, 'lib'))
    .replaceAll('%d', credentials)
    .split(' ')
    .map((pair) => pair.split(/=(.*)/).slice(0, 2) as [string, string]);
  // Another program of this computer may have the port of the unit.
  const [command = '', ...args] = here(settingOf('ExecStart').replace('--health 8791', '--health 0')).split(
    ' ',
  );
  const child = spawn(command, args, {
    env: { PATH: '/usr/bin:/bin', CREDENTIALS_DIRECTORY: credentials, ...Object.fromEntries(env) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  service = child;
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (more) => (text += more));
  return { said: () => text, ended: new Promise((resolve) => child.once('close', resolve)) };
}

it('the ten lines of the README make a service that is well and syncs', async ({ skip }) => {
  if (process.platform === 'win32' || spawnSync('bash', ['--version']).status !== 0)
    return skip('bash is not here');
  const lines = linesUnder('As a service');
  expect(lines).toHaveLength(10);
  const home = join(place, 'home');
  const clone = await makeClone();
  for (const folder of ['units', 'lib']) mkdirSync(join(place, folder));
  const window = join(home, '.config', 'Headgate');
  mkdirSync(window, { recursive: true });
  {
    await using ws = await openWorkspace({ folder: window, protector: passphraseProtector(phrase, random) });
    const link = await setUp(ws.api, {
      ...{ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'served' },
      datasets: ['forms'],
    });
    await ws.api.projects.update({ id: link.projectId, name: 'My project' });
  }

  const shell = spawn('bash', ['-ec', here(lines.join('\n'))], {
    cwd: clone,
    env: { PATH: `${standIns()}:/usr/bin:/bin`, HOME: home, PLACE: place, HEADGATE_PASSPHRASE: phrase },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [shell.stdout, shell.stderr])
    stream.setEncoding('utf8').on('data', (text) => (said += text));
  const over = new Promise<number | null>((resolve) => shell.once('close', resolve));
  let isOver = false;
  void over.then(() => {
    isOver = true;
  });
  await expect.poll(() => isOver || existsSync(join(place, 'wanted')), { timeout: 60_000 }).toBe(true);
  expect(isOver, said).toBe(false);
  const unit = startUnit();
  await expect.poll(unit.said, { timeout: 30_000 }).toContain('keeps its timetable');
  writeFileSync(join(place, 'started'), '');
  expect(await over, said).toBe(0);
  expect(said).toContain('is well.');
  expect(said).toContain('vault: key_file');
  expect(said).toContain('published in');
  expect(existsSync(join(clone, 'vault.key'))).toBe(false);
  expect(existsSync(window)).toBe(false);
  service?.kill('SIGTERM');
  expect(await unit.ended, unit.said()).toBe(0);
}, 120_000);
