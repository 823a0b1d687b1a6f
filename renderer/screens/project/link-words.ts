import type { Link } from '../../../preload/contract/models.ts';
import { t } from '../../i18n/index.ts';

/** Whether there is a sign-in that works, for whoever looks. */
export const signInWord = ({ signIn }: Pick<Link, 'signIn'>): string =>
  t(`project.signIn.${({ valid: 'works', expired: 'ended', missing: 'missing' } as const)[signIn]}`);

/** When a refresh waits for a person instead of replacing what is published. */
export const guardsText = ({ syncConfig: { guards, shrinkPercent } }: Pick<Link, 'syncConfig'>): string =>
  guards ? t('project.guards', { percent: shrinkPercent }) : t('links.guardsOff');

/** "2 of 3 people connected": of those who each sign in themselves. */
export const connectedText = ({ connected, missing }: NonNullable<Link['people']>): string =>
  t('links.connected', { connected: connected.length, all: connected.length + missing.length });
