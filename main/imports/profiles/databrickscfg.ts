import type { Found } from '../found.ts';
import { databricksOf } from '../kinds/databricks.ts';
import { createTold } from '../kinds/told.ts';
import { foundOf } from './entries.ts';
import { readIni } from './ini.ts';

/** Names of keys are those of Python's configparser, which takes no heed of upper and lower case. */
const fold = (name: string): string => name.toLowerCase();

/** Databricks' .databrickscfg: one connection per profile (Databricks documentation, "Databricks configuration profiles"). */
export function parseDatabricksCfg(text: string): Found {
  const { sections, problems } = readIni(text);
  return foundOf(
    sections
      // Its tools write a [DEFAULT] with nothing in it.
      .filter(({ pairs }) => pairs.length > 0)
      .map(({ name, pairs }) => ({
        where: `[${name}]`,
        taken: databricksOf(createTold(pairs, { fold }), name),
      })),
    problems,
  );
}
