import type { Notice } from '../../../preload/contract/models.ts';
import { type Part, sentenceOf } from '../../notices/words.ts';
import { table } from '../terminal/terminal.ts';
import { type Console, exits, print, type Session } from './commands.ts';

const partOf = (notice: Notice): Part => ({
  ...notice,
  part: notice.closedAt === null ? 'alarm' : 'recovery',
});

/** Newest first: what it is, since when, and whether it is over or read. */
function inboxText(items: readonly Notice[], unread: number): string {
  if (items.length === 0) return 'Nothing is the matter.';
  const rows = items.map((notice) => [
    notice.isRead ? '' : 'new',
    notice.closedAt === null ? 'going on' : 'over',
    notice.openedAt,
    sentenceOf(partOf(notice)).title,
  ]);
  return `${table(['', 'state', 'since', 'what'], rows)}\n${unread} unread`;
}

/** `inbox`: what one was told; `all` with what is over, `read` marks everything as read once it is shown. */
export async function inboxCommand(
  { api }: Session,
  { all, read }: { readonly all: boolean; readonly read: boolean },
  to: Console,
): Promise<number> {
  const inbox = await api.notices.list({ onlyOpen: !all });
  print(to, inbox, () => inboxText(inbox.items, inbox.unread));
  if (read) await api.notices.readAll();
  return exits.done;
}
