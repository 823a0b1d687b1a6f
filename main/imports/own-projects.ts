import {
  type PortableSource,
  portableLink,
  portableProject,
  portableSignIn,
  portableSource,
} from '../../preload/contract/models.ts';
import { bagOf, type Found, type FoundProject, type Problem } from './found.ts';

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}
/** Where in it, and what. Never a value: in a bundle it may be a secret. */
const saidOf = ([issue]: readonly Issue[]): string =>
  `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`;

const nameOf = (entry: unknown): string => {
  const { name } = bagOf(entry);
  return typeof name === 'string' ? ` (${name.slice(0, 80)})` : '';
};

/**
 * The projects of a file of Headgate, and the sources that they read. What is not as the contract has it is told in `problems`
 * and left out, with what depends on it: a link without its source, a sign-in without its link, a project without its
 * connection. `places`: where the connection of each place in the file is among those found.
 */
export function parseProjects(
  file: Readonly<Record<string, unknown>>,
  places: readonly (number | null)[],
  problems: Problem[],
): Pick<Found, 'taken' | 'sources'> {
  const list = (key: string): readonly unknown[] => {
    const value = file[key];
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    problems.push({ where: key, message: 'is no list' });
    return [];
  };
  for (const key of Object.keys(file))
    if (!['format', 'version', 'exportedAt', 'connections', 'sources', 'projects'].includes(key))
      problems.push({ where: key.slice(0, 80), message: 'is not known to this Headgate' });
  const sources = list('sources').map((entry, index): PortableSource | null => {
    const parsed = portableSource.safeParse(entry);
    if (parsed.success) return parsed.data;
    problems.push({
      where: `source ${index + 1}${nameOf(entry)}`,
      message: saidOf(parsed.error.issues),
    });
    return null;
  });
  const taken: FoundProject[] = [];
  for (const [index, entry] of list('projects').entries()) {
    const where = `project ${index + 1}${nameOf(entry)}`;
    const { links, signIns = [], ...rest } = bagOf(entry);
    const parsed = portableProject.safeParse({ ...rest, links: [], signIns: [] });
    if (!parsed.success) {
      problems.push({ where, message: saidOf(parsed.error.issues) });
      continue;
    }
    const connection = places[parsed.data.connection] ?? null;
    if (connection === null) {
      problems.push({ where, message: 'its connection is not in the file, or is not valid' });
      continue;
    }
    const parts = <T extends { readonly source: number }>(
      value: unknown,
      what: string,
      schema: {
        safeParse(value: unknown): { data?: T | undefined; error?: { issues: Issue[] } | undefined };
      },
      fits: (part: T) => string | null,
    ): T[] => {
      if (!Array.isArray(value)) {
        problems.push({ where, message: `${what}s: is no list` });
        return [];
      }
      return value.flatMap((each: unknown, at) => {
        const { data, error } = schema.safeParse(each);
        const why = data === undefined ? saidOf(error?.issues ?? []) : fits(data);
        if (data !== undefined && why === null) return [data];
        problems.push({ where: `${where}, ${what} ${at + 1}`, message: why ?? 'is not valid' });
        return [];
      });
    };
    const linked = new Set<number>();
    const own = parts(links, 'link', portableLink, ({ source }) => {
      if (!sources[source]) return 'its source is not in the file, or is not valid';
      if (linked.has(source)) return 'the project has this source already';
      linked.add(source);
      return null;
    });
    const signed = new Set<number>();
    const ofOwn = parts(signIns, 'sign-in', portableSignIn, ({ source }) => {
      if (!linked.has(source)) return 'the project does not read its source';
      if (signed.has(source)) return 'there is another one for its source';
      signed.add(source);
      return null;
    });
    taken.push({ ...parsed.data, connection, links: own, signIns: ofOwn });
  }
  return taken.length === 0 && sources.length === 0 ? {} : { taken, sources };
}
