import type { Retention } from '../../../preload/contract/models.ts';
import { type RetentionName, retentionNames } from '../../../preload/contract/retention.ts';
import { say } from '../../../preload/messages/said.ts';
import { differences, plainly } from '../../access/differences.ts';
import { createRetention } from '../../access/retention.ts';
import { insistConfirmed, someOf } from '../confirmed.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';

const plain = Object.fromEntries(retentionNames.map((name) => [name, plainly])) as Record<
  RetentionName,
  typeof plainly
>;

/** How much history the workspace keeps. */
export function retentionService(
  services: Services,
): Pick<Handlers<'policy'>, 'policy.retention' | 'policy.setRetention'> {
  const setting = createRetention(services.store);
  return {
    'policy.retention': () => setting.current(),
    async 'policy.setRetention'(change, caller) {
      const before = setting.current();
      const less = retentionNames.filter((name) => (change[name] ?? before[name]) < before[name]);
      if (less.length > 0) {
        await insistConfirmed(services, caller, {
          title: say('asks.retention.title'),
          what: say('asks.retention.what', {
            less: someOf(
              less.map((name) =>
                say('asks.retention.one', {
                  name: say(`asks.retention.${name}`),
                  after: change[name] ?? before[name],
                  before: before[name],
                }),
              ),
            ),
          }),
          agree: say('asks.retention.agree'),
        });
      }
      const after: Retention = setting.set(change);
      caller.tell(differences(before, after, plain));
      emitChanged(services, 'policy');
      return after;
    },
  };
}
