import type { HealthProblem } from '../../../preload/contract/models.ts';
import { below, say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { type Console, type Exit, exits, print, type Session, worse } from './commands.ts';

/** What each problem is worth in the table of exit codes. */
const worth: Readonly<Record<HealthProblem, Exit>> = {
  vault_shut: exits.config,
  timetable_late: exits.transient,
  store_unwritable: exits.defect,
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
    for (const problem of problems) exit = worse(exit, worth[problem]);
    print(to, found, () =>
      below([
        problems.length === 0
          ? say('console.health.well', { version })
          : say('console.health.unwell', { version }),
        say('console.health.line', { vault, lookedAt: lookedAt ?? say('console.never'), running }),
        ...problems.flatMap((problem) => [
          say(`console.health.${problem}`),
          say(`console.health.${problem}.fix`),
        ]),
      ]),
    );
    return exit;
  } finally {
    await session.app.close();
  }
}
