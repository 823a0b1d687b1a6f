import { z } from 'zod';
import { said } from '../said.ts';
import { id } from './base.ts';

/** What of the sample workspace is being made, in this order. */
export const sampleSteps = ['servers', 'workspace', 'signIn', 'sync'] as const;
export type SampleStep = (typeof sampleSteps)[number];

/**
 * The sample workspace: a PostgreSQL of its own, a simulated CommCare HQ, and what reads the one into the other.
 * `none`: there is none · `making` · `ready`: it runs · `stopped`: it is there, but its servers are not · `leaving`.
 */
export const sampleState = z.strictObject({
  phase: z.enum(['none', 'making', 'ready', 'stopped', 'leaving']),
  /** While it is being made. */
  step: z.enum(sampleSteps).nullable(),
  /** Why there can't be one here; null where there can. */
  missing: z.strictObject({ message: z.string(), said }).nullable(),
  /** Why it does not run, where it is there. */
  trouble: z.strictObject({ message: z.string(), said }).nullable(),
  /** What was made for it; null while it is not there. */
  projectId: id.nullable(),
  sourceId: id.nullable(),
  connectionId: id.nullable(),
});
export type SampleState = z.infer<typeof sampleState>;
