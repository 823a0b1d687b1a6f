import { chmodSync, mkdtempSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { NotPlain, readPlainFileSync } from '../plain-file.ts';

/** Where the owner of a workspace listens, and the key that both sides prove to know. */
export interface OwnerPlace {
  readonly path: string;
  readonly key: Buffer;
}

const place = z.strictObject({
  path: z.string().min(1).max(400),
  key: z.string().regex(/^[0-9a-f]{64}$/),
});
const fileOf = (folder: string): string => join(folder, 'owner.json');
/** The address of a Unix socket holds no longer path (108 bytes on Linux, 104 on macOS, with a NUL at the end). */
const longestPath = 100;

export interface ChosenPlace extends OwnerPlace {
  /** Once somebody listens: closes it to other users, and writes where it is, and the key, where only this user can read it. */
  announce(): void;
  dispose(): void;
}

/** Chooses where to listen. Only whoever has the owner's lock calls this: what an owner before left behind is removed. */
export function choosePlace(
  folder: string,
  platform: string,
  random: (bytes: number) => Buffer,
): ChosenPlace {
  const key = random(32);
  let own: string | null = null;
  let path: string;
  if (platform === 'win32') {
    // Nobody can wait under this name before it is there.
    path = `\\\\.\\pipe\\headgate-${random(16).toString('hex')}`;
  } else {
    path = join(folder, 'owner.sock');
    if (Buffer.byteLength(path) > longestPath) {
      own = mkdtempSync(join(tmpdir(), 'headgate-'));
      path = join(own, 'owner.sock');
    }
    rmSync(path, { force: true });
  }
  return {
    path,
    key,
    announce() {
      if (platform !== 'win32') chmodSync(path, 0o600);
      const draft = `${fileOf(folder)}.new`;
      rmSync(draft, { force: true });
      writeFileSync(draft, JSON.stringify({ path, key: key.toString('hex') }), { mode: 0o600, flag: 'wx' });
      renameSync(draft, fileOf(folder));
    },
    dispose() {
      rmSync(fileOf(folder), { force: true });
      if (platform !== 'win32') rmSync(path, { force: true });
      if (own !== null) rmSync(own, { recursive: true, force: true });
    },
  };
}

/** Only what this user wrote for nobody else says where to connect to. */
function insistOwn({ uid, mode }: Stats): void {
  // Windows has no such bits; there the folder's access list decides.
  if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o077) !== 0))
    throw new NotPlain('others can write or read it');
}

/** Where the owner says it listens; null where none has said so, or the file is not as an owner makes it. */
export function findPlace(folder: string): OwnerPlace | null {
  try {
    const { path, key } = place.parse(
      JSON.parse(readPlainFileSync(fileOf(folder), 4096, insistOwn).toString()),
    );
    return { path, key: Buffer.from(key, 'hex') };
  } catch (error) {
    const isOther = error instanceof NotPlain || error instanceof SyntaxError || error instanceof z.ZodError;
    if (isOther || (error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  }
}
