import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { placeFor } from '../../main/sample/program-place.ts';
import { temporaryFolder } from '../support/parts.ts';

/* The PostgreSQL of the demo where its programs are closed to others: below root's own folder, or made under umask 077. */

const isRoot = process.getuid?.() === 0;
const native = join(
  dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
  '..',
  'native',
);
const nobody = { uid: 65534, gid: 65534 };

describe.skipIf(!isRoot)(`as root${isRoot ? '' : ' (skipped: this is not root)'}`, () => {
  it('starts from a folder that only root may enter, and leaves nothing behind', async () => {
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o700);
    // The files themselves are shared; only the way to them is closed.
    execFileSync('cp', ['-rlL', native, join(folder.path, 'native')]);
    const postgres = await startEmbeddedPostgres({ durable: false, bin: join(folder.path, 'native', 'bin') });
    const program = execFileSync('readlink', [`/proc/${postgres.pid}/exe`], { encoding: 'utf8' }).trim();
    expect(program).not.toContain(folder.path);
    await postgres.stop();
    expect(() => execFileSync('stat', [program], { stdio: 'ignore' })).toThrow();
  });

  it('goes on to the next place where one holds no programs or is not there', async () => {
    using folder = temporaryFolder();
    using closed = temporaryFolder();
    using open = temporaryFolder();
    chmodSync(folder.path, 0o700);
    chmodSync(closed.path, 0o700);
    chmodSync(open.path, 0o755);
    mkdirSync(join(folder.path, 'tool', 'bin'), { recursive: true, mode: 0o700 });
    // As packages have it: a link beside the file, in a folder made under `umask 077`.
    execFileSync('cp', ['/bin/true', join(folder.path, 'tool', 'bin', 'real')]);
    chmodSync(join(folder.path, 'tool', 'bin', 'real'), 0o700);
    symlinkSync('real', join(folder.path, 'tool', 'bin', 'probe'));
    const find = (places: string[]) =>
      placeFor(nobody, join(folder.path, 'tool'), join('bin', 'probe'), places);
    const found = await find([join(closed.path, 'none'), closed.path, open.path]);
    expect(found.folder.startsWith(open.path)).toBe(true);
    found.dispose();
    expect(execFileSync('ls', [open.path, closed.path], { encoding: 'utf8' })).not.toContain(
      'headgate-programs',
    );
    await expect(find([closed.path])).rejects.toMatchObject({ code: 'EACCES' });
  });
});

it.skipIf(!isRoot)(
  `uses the folder as it is where everybody may enter it${isRoot ? '' : ' (skipped: this is not root)'}`,
  async () => {
    expect(await placeFor(nobody, '/bin', 'true', [])).toMatchObject({ folder: '/bin' });
  },
);
