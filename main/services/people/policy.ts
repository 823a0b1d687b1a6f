import { differences, plainly } from '../../access/differences.ts';
import { insistThemselves, someOf } from '../confirmed.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';

/** What the workspace allows. */
export function policyService(services: Services): Pick<Handlers<'policy'>, 'policy.get' | 'policy.set'> {
  const { access } = services;
  return {
    'policy.get': () => access.policy(),
    async 'policy.set'(change, caller) {
      const before = access.policy();
      const looser = [
        ...(before.reveal === 'forbid' && change.reveal === 'allow'
          ? ['Stored secrets may be looked at']
          : []),
        ...((change.idleLockMinutes ?? 0) > before.idleLockMinutes
          ? [
              `Profiles are locked after ${change.idleLockMinutes} minutes instead of ${before.idleLockMinutes}`,
            ]
          : []),
        ...(change.queryLiterals === 'keep' && before.queryLiterals === 'leave_out'
          ? ['The history of queries keeps the values in them']
          : []),
      ];
      if (looser.length > 0) {
        await insistThemselves(services, caller, {
          title: 'Loosen the policy of this workspace?',
          what: someOf(looser),
          agree: 'Loosen it',
        });
      }
      const policy = access.workspacePolicy.set(change);
      caller.tell(
        differences(before, policy, {
          ...{ reveal: plainly, idleLockMinutes: plainly, healthMinutes: plainly },
          ...{ queriesAnHour: plainly, queryLiterals: plainly },
        }),
      );
      emitChanged(services, 'policy');
      // The idle time may be another one now.
      access.seats.changed();
      return policy;
    },
  };
}
