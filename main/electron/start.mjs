// `npm start`: the built app in the real Electron. Runs on any Node from 20 on, before anything is known to be
// there, so it is plain JavaScript and uses nothing but Node.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const longestInstall = 3 * 60_000;
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const executables = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
const executableName = executables[process.platform] ?? 'electron';

/** The folder of the package `electron` and its version, which is the version of the binary. */
function findPackage() {
  const manifest = createRequire(join(root, 'package.json')).resolve('electron/package.json');
  return { folder: dirname(manifest), version: JSON.parse(readFileSync(manifest, 'utf8')).version };
}

/** The executable in a folder that holds an unpacked Electron of that version. */
function findBinary(folder, version) {
  const executable = join(folder, executableName);
  const versionFile = join(folder, 'version');
  if (!existsSync(executable)) return { problem: `${executable} does not exist` };
  if (existsSync(versionFile)) {
    const found = readFileSync(versionFile, 'utf8').trim().replace(/^v/, '');
    if (found !== version) return { problem: `${folder} holds Electron ${found}, and ${version} is needed` };
  }
  return { executable };
}

/** Runs the package's own installer; resolves with why it failed, or undefined. */
function install(folder) {
  return new Promise((done) => {
    const installer = spawn(process.execPath, [join(folder, 'install.js')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    installer.stderr.on('data', (text) => {
      output = `${output}${text}`.slice(-2000);
    });
    const timer = setTimeout(() => {
      output = `it took longer than ${longestInstall / 60_000} minutes`;
      installer.kill('SIGKILL');
    }, longestInstall);
    installer.on('error', (error) => {
      clearTimeout(timer);
      done(error.message);
    });
    installer.on('exit', (code) => {
      clearTimeout(timer);
      done(code === 0 ? undefined : (output.trim().split('\n')[0] ?? '') || `it ended with ${code}`);
    });
  });
}

/** Two starts at once must not unpack into one folder at the same time. */
async function withLock(folder, work) {
  const lock = join(folder, '.headgate-install');
  const until = Date.now() + longestInstall;
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const age = await stat(lock).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      // Whoever made it is gone, or has been at it for longer than is allowed.
      if (age > longestInstall) await rm(lock, { recursive: true, force: true });
      else if (Date.now() > until) throw new Error('another start is still fetching it');
      else await wait(500);
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

function explain(version, problem) {
  const archive = `electron-v${version}-${process.platform}-${process.arch}.zip`;
  process.stderr.write(`Headgate needs Electron ${version}, and it is not here: ${problem}

It comes from https://github.com/electron/electron/releases/download/v${version}/${archive}

What helps, one of:
  1. A mirror your network reaches:   ELECTRON_MIRROR=https://<mirror>/ npm start
  2. An Electron unpacked by hand:    ELECTRON_OVERRIDE_DIST_PATH=/folder/with/electron npm start
  3. The archive in a cache folder:   electron_config_cache=/folder npm start
     (copy the cache of a computer that has it; ~/.cache/electron on Linux)

Without Electron, the same app in a Chromium window:   npm run preview
`);
}

async function findElectron({ folder, version }) {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) return findBinary(override, version);
  const dist = join(folder, 'dist');
  const present = findBinary(dist, version);
  if (present.executable) return present;
  process.stderr.write(`Electron ${version} is not here yet; fetching it once …\n`);
  try {
    return await withLock(folder, async () => {
      const meanwhile = findBinary(dist, version);
      if (meanwhile.executable) return meanwhile;
      const problem = await install(folder);
      return problem === undefined ? findBinary(dist, version) : { problem };
    });
  } catch (error) {
    return { problem: error.message };
  }
}

async function main() {
  let electron;
  try {
    electron = findPackage();
  } catch {
    process.stderr.write('The package electron is not installed: run npm ci\n');
    return 1;
  }
  const { executable, problem } = await findElectron(electron);
  if (!executable) {
    explain(electron.version, problem);
    return 1;
  }
  const env = { ...process.env };
  // It would make Electron behave like plain Node.
  delete env.ELECTRON_RUN_AS_NODE;
  const child = spawn(executable, [root, ...process.argv.slice(2)], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((done) => {
    child.on('error', (error) => {
      explain(electron.version, error.message);
      done(1);
    });
    child.on('exit', (code, signal) => done(signal ? 1 : (code ?? 1)));
  });
}

process.exitCode = await main();
