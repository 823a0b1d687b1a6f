import { plain, type Said, said } from '../../preload/contract/said.ts';
import { english } from '../../preload/messages/said.ts';

/** A sentence as it is kept: its id and parameters, so that whoever reads it later has it in their own language. */
export const keepSaid = (told: Said | null): string | null => (told === null ? null : JSON.stringify(told));

/** What was kept. Before sentences were kept so it was English text, which stays as it is. */
export function keptSaid(text: string | null): Said | null {
  if (text === null) return null;
  if (!text.startsWith('{')) return plain(text);
  try {
    return said.safeParse(JSON.parse(text)).data ?? plain(text);
  } catch {
    return plain(text);
  }
}

/** A kept sentence as the contract has it: in English, and to be written where it is read. */
export function messageOf(text: string | null): { readonly message: string | null; readonly said?: Said } {
  const told = keptSaid(text);
  return told === null ? { message: null } : { message: english(told), said: told };
}

/** The same of what people should know of a sync. */
export function noticeOf(text: string | null): { readonly notice: string | null; readonly noticed?: Said } {
  const told = keptSaid(text);
  return told === null ? { notice: null } : { notice: english(told), noticed: told };
}
