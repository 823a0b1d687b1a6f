import type { HealthProblem } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { type Console, type Exit, exits, print, type Session, worse } from './commands.ts';

/** What each problem is, what to do, and what it is worth in the table of exit codes. */
const words: Readonly<Record<HealthProblem, { what: string; fix: string; exit: Exit }>> = {
  vault_shut: {
    what: 'Its vault is not open, or is kept only until it ends: nothing that needs a password or sign-in runs.',
    fix: 'Start it with HEADGATE_KEY_FILE or HEADGATE_PASSPHRASE, or a keychain that is open; see headgate vault slots.',
    exit: exits.config,
  },
  timetable_late: {
    what: 'Its timetable has not been looked at for more than 3 minutes: what is due is not done.',
    fix: 'Look at headgate.log in the workspace, then start it again.',
    exit: exits.transient,
  },
  store_unwritable: {
    what: 'The workspace’s file takes no writes.',
    fix: 'Check that the disk is not full and that the data folder is writable.',
    exit: exits.defect,
  },
};

/**
 * `health`: whether whoever owns the workspace looks after it, asked without signing in. Takes null where nobody owns it,
 * and fails with OWNER_UNREACHABLE then: this command never opens a workspace itself.
 */
export async function healthCommand(session: Session | null, folder: string, to: Console): Promise<Exit> {
  if (session === null) {
    throw new AppError('OWNER_UNREACHABLE', say('command.noHeadgateWorkspaceOpen', { folder }), {
      advice: say('command.noHeadgateWorkspaceOpen.advice'),
    });
  }
  try {
    const found = await session.api.app.health({}, { signal: to.signal });
    const { problems, version, vault, lookedAt, running } = found;
    let exit: Exit = exits.done;
    for (const problem of problems) exit = worse(exit, words[problem].exit);
    print(to, found, () =>
      [
        problems.length === 0 ? `Headgate ${version} is well.` : `Headgate ${version} is not well.`,
        `vault: ${vault} · timetable looked at: ${lookedAt ?? 'never'} · syncs running: ${running}`,
        ...problems.flatMap((problem) => [words[problem].what, words[problem].fix]),
      ].join('\n'),
    );
    return exit;
  } finally {
    await session.app.close();
  }
}
