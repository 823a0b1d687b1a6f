#!/usr/bin/env node
// What `headgate` starts, on whatever Node is there: plain JavaScript that uses nothing but Node from 18 on. It goes on in
// this process where that is new enough, else in the Node that npm brought along for the demo and the tests.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The oldest that reads what the bundler writes, and has what it calls (`using`, the system's authorities). */
export const oldestNode = 24;
const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, 'headgate-main.js');

/** `v20.1.0` → 20. */
export const majorOf = (version) => Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0);

/** The Node of the package `node-<platform>-<architecture>`; null where npm has brought none for this computer. */
export function broughtAlong(platform, architecture, from = here) {
  const name = `node-${platform === 'win32' ? 'win' : platform}-${architecture}`;
  try {
    const root = dirname(createRequire(join(from, 'x.js')).resolve(`${name}/package.json`));
    const file = join(root, 'bin', platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(file) ? file : null;
  } catch {
    return null;
  }
}

/** What to say where no Node is new enough. */
export const tooOld = (version, file) =>
  `Headgate needs Node.js ${oldestNode} or newer; this is ${version} (${file}). Install it from https://nodejs.org, or run “npm install” where Headgate's package.json is.\n`;

function goOn(node) {
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; other signals come here only.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`Headgate could not start ${node}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    // Whoever waits sees the same end: 128 and the number of the signal, as a shell says it.
    process.exitCode = code ?? 128 + ({ SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0);
  });
}

async function main() {
  if (majorOf(process.version) >= oldestNode) return import(pathToFileURL(program).href);
  const node = broughtAlong(process.platform, process.arch);
  if (node !== null) return goOn(node);
  process.stderr.write(tooOld(process.version, process.execPath));
  // To be set right, as the table in the README has it.
  process.exitCode = 3;
}

// Not where it is only looked at.
if (existsSync(program)) await main();
