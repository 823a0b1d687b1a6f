import type { Credential } from '../../../preload/contract/models.ts';
import { t } from '../../i18n/index.ts';

/** Whether something can still be read with it. */
export const isGood = ({ state }: Pick<Credential, 'state'>): boolean =>
  state === 'valid' || state === 'expiring';

/** What is said once it is disconnected here. */
export const disconnectedText = (name: string, atSource: 'revoked' | 'unknown' | 'stays'): string =>
  atSource === 'revoked'
    ? t('signIn.disconnectedToast', { name })
    : t(atSource === 'stays' ? 'signIn.disconnectedStays' : 'signIn.disconnectedUnknown', { name });
