import type { Notice } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { type Part, sentenceOf } from '../../notices/words.ts';
import { table } from '../terminal/terminal.ts';
import { type Console, exits, headsOf, print, type Session } from './commands.ts';

const partOf = (notice: Notice): Part => ({
  ...notice,
  part: notice.closedAt === null ? 'alarm' : 'recovery',
});

/** Newest first: what it is, since when, and whether it is over or read. */
function inboxText(items: readonly Notice[], unread: number, to: Console): string {
  const { text } = to.words;
  if (items.length === 0) return text(say('console.inbox.empty'));
  const rows = items.map((notice) => [
    notice.isRead ? '' : text(say('console.inbox.new')),
    text(notice.closedAt === null ? say('console.inbox.open') : say('console.inbox.over')),
    notice.openedAt,
    text(sentenceOf(partOf(notice)).title),
  ]);
  const head = ['', ...headsOf(to, ['state', 'since', 'what'])];
  return `${table(head, rows)}\n${text(say('console.inbox.unread', { count: unread }))}`;
}

/** `inbox`: what one was told; `all` with what is over, `read` marks everything as read once it is shown. */
export async function inboxCommand(
  { api }: Session,
  { all, read }: { readonly all: boolean; readonly read: boolean },
  to: Console,
): Promise<number> {
  const inbox = await api.notices.list({ onlyOpen: !all });
  print(to, inbox, () => inboxText(inbox.items, inbox.unread, to));
  if (read) await api.notices.readAll();
  return exits.done;
}
