import { z } from 'zod';
import { type RetentionName, retentionNames, retentionRules } from '../retention.ts';

const bounded = ({ least, most }: { readonly least: number; readonly most: number }) =>
  z.int().min(least).max(most);
const fields = Object.fromEntries(
  retentionNames.map((name) => [name, bounded(retentionRules[name])]),
) as Record<RetentionName, ReturnType<typeof bounded>>;

/** How much of each is kept, all of them named. */
export const retention = z.strictObject(fields);
export type Retention = z.infer<typeof retention>;
