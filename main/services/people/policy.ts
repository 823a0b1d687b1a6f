import { say } from '../../../preload/messages/said.ts';
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
        ...(before.reveal === 'forbid' && change.reveal === 'allow' ? [say('asks.policy.reveal')] : []),
        ...((change.idleLockMinutes ?? 0) > before.idleLockMinutes
          ? [
              say('asks.policy.idle', {
                after: change.idleLockMinutes ?? 0,
                before: before.idleLockMinutes,
              }),
            ]
          : []),
        ...(change.queryLiterals === 'keep' && before.queryLiterals === 'leave_out'
          ? [say('asks.policy.literals')]
          : []),
      ];
      if (looser.length > 0) {
        await insistThemselves(services, caller, {
          title: say('asks.policy.title'),
          what: someOf(looser),
          agree: say('asks.policy.agree'),
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
