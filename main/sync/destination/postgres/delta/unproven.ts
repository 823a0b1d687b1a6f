import type { Said } from '../../../../../preload/contract/said.ts';
import { AppError } from '../../../../errors.ts';

/**
 * Raised where reading the changes alone can't be proven to give what reading everything would. Nothing is wrong with the
 * source: everything is read then.
 */
export class Unproven extends AppError {
  constructor(why: Said) {
    super('SYNC_FAILED', why);
  }
}
