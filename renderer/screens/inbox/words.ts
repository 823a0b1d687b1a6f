import type { Notice } from '../../../preload/contract/models.ts';
import type { IconName } from '../../components/icons.tsx';
import type { Tone } from '../../components/status.tsx';
import { formatMoment } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';

/** How an event looks while it goes on. */
export const looks: Readonly<Record<Notice['event'], { readonly tone: Tone; readonly icon: IconName }>> = {
  failed: { tone: 'bad', icon: 'failed' },
  held: { tone: 'warn', icon: 'hand' },
  stale: { tone: 'warn', icon: 'clock' },
  sign_in_expiring: { tone: 'warn', icon: 'key' },
  sign_in_expired: { tone: 'bad', icon: 'key' },
  signer_left: { tone: 'warn', icon: 'key' },
  connection_down: { tone: 'bad', icon: 'unplugged' },
  expiring_data: { tone: 'info', icon: 'clock' },
};

/** What it is about, as people call it. */
function whatOf({ subject: { source, project, connection } }: Notice): string {
  if (source === null) return connection ?? project ?? '';
  return project === null ? source : t('inbox.place', { source, project });
}

/** What happened, in one sentence. */
export function titleOf(notice: Notice, now: number): string {
  const { event, outcome, subject } = notice;
  const what = whatOf(notice);
  if (outcome === 'off' || outcome === 'gone' || outcome === 'deleted')
    return t(`notice.${outcome}`, { what });
  if (outcome === 'over') return t(`notice.${event}Over`, { what });
  const time = subject.until === null ? t('inbox.soon') : formatMoment(subject.until, now);
  if (event === 'sign_in_expiring' || event === 'expiring_data') return t(`notice.${event}`, { what, time });
  if (event === 'connection_down' && subject.code === 'fails')
    return t('notice.connection_refuses', { what });
  return t(`notice.${event}`, { what });
}

/** What still works and what to do; empty where nothing is to be done. */
export function textOf({ event, outcome, subject }: Notice): string {
  if (outcome === 'gone') return t('notice.goneText');
  if (outcome !== null) return '';
  const text =
    event === 'failed' && subject.code !== null
      ? t('notice.failedCode', { code: subject.code })
      : t(`notice.${event}Text`);
  return subject.waiting === 0 ? text : `${text} ${t('inbox.waiting', { count: subject.waiting })}`;
}

/** Where one sees why, and does something about it. */
export function placeOf({ event }: Notice): { readonly href: string; readonly name: string } {
  if (event === 'connection_down') return { href: href('connections'), name: t('connections.title') };
  if (event === 'sign_in_expiring' || event === 'sign_in_expired' || event === 'signer_left')
    return { href: href('credentials'), name: t('credentials.title') };
  if (event === 'expiring_data') return { href: href('data'), name: t('data.title') };
  return { href: href('runs'), name: t('runs.title') };
}
