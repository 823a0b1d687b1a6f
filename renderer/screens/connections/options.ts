import type { Connection } from '../../../preload/contract/models.ts';

export type TlsMode = Connection['tlsMode'];
export type Environment = Connection['environment'];

// Written out here: the lists in the contract come with its validation library, which stays out of this bundle.
export const tlsModes = [
  'verify-full',
  'verify-ca',
  'require',
  'disable',
] as const satisfies readonly TlsMode[];
export const environments = [
  'development',
  'staging',
  'production',
] as const satisfies readonly Environment[];
