import { initial } from './0001-initial.ts';
import { auditHead } from './0002-audit-head.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** Every step the store has ever taken, in order. Forward only; a released step is never edited. */
export const storeMigrations: readonly Migration[] = [
  { version: 1, name: 'initial', sql: initial },
  { version: 2, name: 'audit head', sql: auditHead },
];
