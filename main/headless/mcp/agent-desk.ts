import { AppError } from '../../errors.ts';
import type { Desk } from '../../host.ts';

/** Where an agent sits nobody can be shown or asked anything: its input and output carry the protocol. */
export function agentDesk(): Desk {
  const nobody = async (): Promise<never> => {
    throw new AppError('NOT_HERE', 'Nobody sits at the desk of an agent.');
  };
  return {
    notify() {},
    reveal: nobody,
    copy: nobody,
    clearCopied: async () => {},
    save: nobody,
    confirm: nobody,
    askTyped: nobody,
    handOut: nobody,
    onPower: () => () => {},
  };
}
