import type { EngineTraits } from '../../../preload/contract/engines.ts';

/** Where a tab asks, as the contract takes it. */
export type AskPlace = { readonly projectId: string } | { readonly connectionId: string };

/** Names the place in what is kept for it. */
export const idOf = (place: AskPlace): string =>
  'projectId' in place ? place.projectId : place.connectionId;

/** What can be done there beyond asking. */
export interface Dialect {
  readonly quote: EngineTraits['quote'];
  /** Whether plans are drawn, statements take values and questions are looked for: what a project's PostgreSQL has. */
  readonly isProject: boolean;
}
