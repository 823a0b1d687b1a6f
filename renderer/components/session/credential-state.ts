import type { Output } from '../../../preload/contract/methods.ts';
import type { Credential } from '../../../preload/contract/models.ts';
import { t } from '../../i18n/index.ts';

/** Whether something can still be read with it. */
export const isGood = ({ state }: Pick<Credential, 'state'>): boolean =>
  state === 'valid' || state === 'expiring';

/** What disconnecting means, told before it is done. */
export function disconnectText(credential: Pick<Credential, 'kind'> | null): string {
  if (credential?.kind === 'api_key') return t('signIn.disconnectKeyText');
  return t(credential?.kind === 'password' ? 'signIn.disconnectPasswordText' : 'signIn.disconnectText');
}

/** What is said once it is disconnected here. */
export const disconnectedText = (name: string, { atSource, others }: Disconnected): string => {
  if (others === 'unknown') return t('signIn.disconnectedOthersUnknown', { name });
  return t(disconnectedWords[atSource], { name });
};
type Disconnected = Output<'credentials.disconnect'>;
const disconnectedWords = {
  revoked: 'signIn.disconnectedToast',
  stays: 'signIn.disconnectedStays',
  unknown: 'signIn.disconnectedUnknown',
  shared: 'signIn.disconnectedHere',
} as const satisfies Record<Disconnected['atSource'], string>;
