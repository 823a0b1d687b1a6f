import type { Connection, HealthState } from '../../../preload/contract/models.ts';

export type TlsMode = Connection['tlsMode'];
export type Environment = Connection['environment'];
export type ConnectionState = Connection['state'];

// Written out here: the lists in the contract come with its validation library, which stays out of this bundle.
/** The safest first. */
export const tlsModes = [
  'verify-full',
  'verify-ca',
  'require',
  'prefer',
  'allow',
  'disable',
] as const satisfies readonly TlsMode[];
export const environments = [
  'development',
  'staging',
  'production',
] as const satisfies readonly Environment[];
export const connectionStates = [
  'active',
  'disabled',
  'archived',
] as const satisfies readonly ConnectionState[];
/** What wants somebody comes first. */
export const healthStates = [
  'fails',
  'unreachable',
  'warns',
  'works',
  'unknown',
] as const satisfies readonly HealthState[];

/** "a, b ,,c" as a list without repetitions. */
export function splitList(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  return [...new Set(parts.filter((part) => part !== ''))];
}
