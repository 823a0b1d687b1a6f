import type { Credential } from '../../../preload/contract/models.ts';

/** Where somebody signs in, for whom, and what comes of it. */
export interface SignInProps {
  readonly sourceId: string;
  readonly sourceName: string;
  /** With it the credential belongs to the project, not to the person. */
  readonly projectId?: string | undefined;
  readonly onDone: (credential: Credential) => void;
  readonly onClose: () => void;
}
