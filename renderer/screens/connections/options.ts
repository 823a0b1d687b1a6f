import type { Connection, HealthState, OnboardingState } from '../../../preload/contract/models.ts';
import {
  type SignInMethod,
  signInMethods,
  type TlsMode,
  tlsModes as weakestFirst,
} from '../../../preload/contract/tls-modes.ts';

export { type SignInMethod, signInMethods, type TlsMode };

export type Environment = Connection['environment'];
export type ConnectionState = Connection['state'];

/** The safest first. */
export const tlsModes: readonly TlsMode[] = weakestFirst.toReversed();

// Written out here: these lists of the contract come with its validation library, which stays out of this bundle.
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

/** In the order in which they follow each other. */
export const onboardingStates = [
  'not_started',
  'in_progress',
  'completed',
  'failed',
] as const satisfies readonly OnboardingState[];

/** "a, b ,,c" as a list without repetitions. */
export function splitList(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  return [...new Set(parts.filter((part) => part !== ''))];
}
