import { differences, plainly } from '../access/differences.ts';
import { emitChanged, type Handlers, type Services } from './context.ts';

/** What the workspace allows. */
export function policyService(services: Services): Handlers<'policy'> {
  const { access } = services;
  return {
    'policy.get': () => access.policy(),
    'policy.set'(change, { tell }) {
      const before = access.policy();
      const policy = access.workspacePolicy.set(change);
      tell(
        differences(before, policy, { reveal: plainly, idleLockMinutes: plainly, healthMinutes: plainly }),
      );
      emitChanged(services, 'policy');
      // The idle time may be another one now.
      access.session.changed();
      return policy;
    },
  };
}
