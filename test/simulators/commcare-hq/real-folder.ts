import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where the real submissions are: `shared/data/commcare-hq` beside the repository, or under `HEADGATE_SHARED`
 * (the shared folder, or the data folder itself). Undefined when they are not there.
 */
export function realDataFolder(
  shared: string | undefined = process.env['HEADGATE_SHARED'],
): string | undefined {
  const root = shared ?? new URL('../../../../shared', import.meta.url).pathname;
  return [join(root, 'data/commcare-hq'), root].find((folder) => existsSync(join(folder, 'submissions')));
}
