import type { Policy } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Host } from '../host.ts';
import type { Store } from '../store/index.ts';

type Decisions = Omit<Policy, 'fixed'>;

/** What holds until somebody decides otherwise. */
const defaults: Decisions = {
  ...{ reveal: 'allow', idleLockMinutes: 15, healthMinutes: 5 },
  ...{ queriesAnHour: 100, queryLiterals: 'keep' },
};
const names = Object.keys(defaults) as (keyof Decisions)[];

const fits: Readonly<Record<keyof Decisions, (value: unknown) => boolean>> = {
  reveal: (value) => value === 'allow' || value === 'forbid',
  idleLockMinutes: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 480,
  healthMinutes: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 1440,
  queriesAnHour: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 10_000,
  queryLiterals: (value) => value === 'keep' || value === 'leave_out',
};

/** What this workspace allows. What policy files decide (see `Host`) comes before what was decided here. */
export function createPolicy(
  store: Pick<Store, 'policies' | 'transaction'>,
  host: Pick<Host, 'fixedPolicy' | 'idleLockAtMost'>,
) {
  // Asked for each time: a service reads its policy files again without being started anew.
  const decidedBy = (fixed: Host['fixedPolicy']) => names.filter((name) => fixed[name] !== undefined);
  const current = (): Policy => {
    const { fixedPolicy: fixed, idleLockAtMost } = host;
    const stored = Object.entries(store.policies.all()).filter(
      ([name, value]) => names.includes(name as keyof Decisions) && fits[name as keyof Decisions](value),
    );
    const wished: Decisions = { ...defaults, ...Object.fromEntries(stored), ...fixed };
    const idleLockMinutes = Math.min(wished.idleLockMinutes, idleLockAtMost ?? Number.POSITIVE_INFINITY);
    return { ...wished, idleLockMinutes, fixed: decidedBy(fixed) };
  };
  return {
    current,
    /** All or none of them. Fails with POLICY_FORBIDS where the policy file decided something else. */
    set(change: { readonly [K in keyof Decisions]?: Decisions[K] | undefined }): Policy {
      const now = current();
      const barred = decidedBy(host.fixedPolicy).filter(
        (name) => change[name] !== undefined && change[name] !== now[name],
      );
      const tooLong = (change.idleLockMinutes ?? 0) > (host.idleLockAtMost ?? Number.POSITIVE_INFINITY);
      if (tooLong && !barred.includes('idleLockMinutes')) barred.push('idleLockMinutes');
      if (barred.length > 0) {
        throw new AppError(
          'POLICY_FORBIDS',
          say('people.policyComputerDecides', { barred: barred.join(' and ') }),
          {
            advice: say('people.policyComputerDecides.advice'),
          },
        );
      }
      store.transaction(() => {
        for (const name of names) if (change[name] !== undefined) store.policies.put(name, change[name]);
      });
      return current();
    },
  };
}
export type WorkspacePolicy = ReturnType<typeof createPolicy>;
