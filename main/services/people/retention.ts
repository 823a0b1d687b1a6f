import type { Retention } from '../../../preload/contract/models.ts';
import { type RetentionName, retentionNames } from '../../../preload/contract/retention.ts';
import { differences, plainly } from '../../access/differences.ts';
import { createRetention } from '../../access/retention.ts';
import { insistConfirmed, someOf } from '../confirmed.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';

/** What each is called in the message that asks whether less of it is to be kept. */
const words: Readonly<Record<RetentionName, string>> = {
  jobDays: 'Days of finished syncs',
  jobsPerDataset: 'Finished syncs of a dataset',
  checkDays: 'Days of checks of connections',
  healthChangeDays: 'Days of connections going down and up',
  structureChanges: 'Changes in the tables of a dataset',
  leaseDays: 'Days of leased logins that ended',
  budgetDays: 'Days of limits of sources that are gone',
  queryDays: 'Days of queries',
  logDays: 'Days of the program’s log',
};

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
          title: 'Keep less history?',
          what: `${someOf(less.map((name) => `${words[name]}: ${change[name]} instead of ${before[name]}`))}\n\nWhat is older goes within the hour. Nothing brings it back.`,
          agree: 'Keep less',
        });
      }
      const after: Retention = setting.set(change);
      caller.tell(differences(before, after, plain));
      emitChanged(services, 'policy');
      return after;
    },
  };
}
