import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** The file that a bundle's folder has the licences of others in. */
export const licencesFile = 'third-party-licences.txt';

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string().optional() });

/** The folder of the package that a module of a bundle is from; null for own code. */
function packageOf(moduleId: string): string | null {
  const found = /^\0?(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(moduleId);
  return found?.[1] ?? null;
}

/** Name, version and licence of a package with what it has to be passed on with. Throws where it names no licence. */
function entryOf(folder: string): string {
  const { name, version, license } = manifest.parse(
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
  );
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((file) => file.isFile() && /^(licen[cs]e|copying|notice)([.-].*)?$/i.test(file.name))
    .map((file) => readFileSync(join(folder, file.name), 'utf8').trim())
    .sort();
  if (license === undefined && texts.length === 0) throw new Error(`${name} names no licence.`);
  return [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n');
}

interface Emitter {
  emitFile(file: { type: 'asset'; fileName: string; source: string }): unknown;
}

/** Writes the licences of all packages that are in a bundle beside it, so that they are packaged with it. */
export const licences = {
  name: 'licences of what is bundled',
  generateBundle(this: Emitter, _: unknown, bundle: Readonly<Record<string, object>>): void {
    const folders = Object.values(bundle)
      .flatMap((file) => ('moduleIds' in file ? (file.moduleIds as readonly string[]) : []))
      .map(packageOf)
      .filter((folder) => folder !== null);
    const entries = [...new Set([...new Set(folders)].map(entryOf))].sort();
    if (entries.length === 0) return;
    const source = `${entries.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
    this.emitFile({ type: 'asset', fileName: licencesFile, source });
  },
};
