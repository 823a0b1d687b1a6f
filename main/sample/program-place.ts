import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Programs answer what version they are within this. */
const answerMs = 20_000;

/** The user that programs are run as. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

export interface ProgramPlace {
  /** The folder, as it is or copied. */
  readonly folder: string;
  /** Removes what was copied. */
  dispose(): void;
}

/** Files made under `umask 077` are for their owner only. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}

/** Whether everybody may look into a folder and into all that it is in. */
function isOpen(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o005) !== 0o005) return false;
    if (at === dirname(at)) return true;
  }
}

/**
 * A folder with programs where another user can run them: as it is, or a copy in the first of some places where that works.
 * root's own folder, and what was installed under a strict umask, is closed to everybody else; some places hold no programs
 * (`noexec`). `probe` is a program of it that answers `--version`. Fails with what the last place said.
 */
export async function placeFor(
  identity: Identity,
  folder: string,
  probe: string,
  places: readonly string[],
): Promise<ProgramPlace> {
  const answers = async (at: string): Promise<void> => {
    await run(join(at, probe), ['--version'], { ...identity, cwd: '/', timeout: answerMs });
  };
  let problem: unknown;
  if (isOpen(folder)) {
    try {
      await answers(folder);
      return { folder, dispose() {} };
    } catch (error) {
      problem = error;
    }
  }
  for (const place of places) {
    let made: string | null = null;
    const dispose = (): void => {
      if (made !== null) rmSync(made, { recursive: true, force: true, maxRetries: 5 });
    };
    try {
      made = mkdtempSync(join(place, 'headgate-programs-'));
      const copy = join(made, 'programs');
      // Not cpSync: that of Node 24 keeps links in the folder, leading back to where nobody may enter.
      await cp(folder, copy, { recursive: true, dereference: true });
      openToAll(made);
      await answers(copy);
      return { folder: copy, dispose };
    } catch (error) {
      problem = error;
      dispose();
    }
  }
  throw problem;
}
