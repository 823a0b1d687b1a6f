import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Desk } from '../../host.ts';

/** Where an agent sits nobody can be shown or asked anything: its input and output carry the protocol. */
export function agentDesk(): Desk {
  const nobody = async (): Promise<never> => {
    throw new AppError('NOT_HERE', say('command.nobodySitsDeskAgent'));
  };
  return {
    notify() {},
    write: nobody,
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
