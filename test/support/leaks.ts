import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a secret could have got to, and how it would look there. */

/** Names the variable with the password that the whole suite works with; it is looked for in all that a workspace wrote. */
export const suiteCanary = 'HEADGATE_SUITE_CANARY';

/** Every way in which a secret might have been written down. */
export function writings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [
    ...new Set([
      secret,
      json,
      JSON.stringify(json).slice(1, -1),
      encodeURIComponent(secret),
      encodeURIComponent(secret).toLowerCase(),
      new URLSearchParams({ x: secret }).toString().slice(2),
      // Without the end that depends on what follows.
      base64.slice(0, -2),
      base64.slice(0, -2).replaceAll('+', '-').replaceAll('/', '_'),
      Buffer.from(secret).toString('hex'),
      secret.replaceAll("'", "''"),
      ...[1, 2].map((shift) =>
        Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)])
          .toString('base64')
          .slice(4, -4),
      ),
    ]),
  ];
}

/** Arguments and environment of every process that descends from this one, and of this one. */
export function processTexts(): string[] {
  const texts: string[] = [];
  if (!existsSync('/proc/self/stat')) return texts;
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has just ended.
    }
  }
  const ours = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === process.pid) return true;
    }
    return false;
  };
  for (const pid of parents.keys()) {
    if (!ours(pid)) continue;
    for (const file of ['cmdline', 'environ']) {
      try {
        texts.push(`${pid} ${file} ${readFileSync(`/proc/${pid}/${file}`, 'utf8')}`);
      } catch {
        // Ended, or not ours to read.
      }
    }
  }
  return texts;
}

/** Every file below a folder. */
export function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
