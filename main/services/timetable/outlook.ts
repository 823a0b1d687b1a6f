import type { Outlook } from '../../../preload/contract/models.ts';
import { decide, type World } from '../../calendar/admission.ts';
import type { StoredDataset } from '../../store/data/datasets.ts';
import type { Services } from '../context.ts';
import { credentialOf, signInOf } from '../projects/credential-of.ts';

/** Under this name the store keeps whether scheduled refreshes are held back on this computer. */
export const heldBack = 'holdScheduled';

type Needs = Pick<Services, 'store' | 'vault' | 'host'>;

export function worldOf({ store, vault, host }: Needs): World {
  return {
    now: host.clock.now(),
    isVaultLocked: vault.status().state === 'locked',
    isMetered: store.policies.all()[heldBack] === true,
  };
}

/** What the timetable makes of a dataset in this world, and whether it would begin now. */
export function decideFor(services: Needs, dataset: StoredDataset, world: World) {
  return decide(
    {
      id: dataset.id,
      plan: dataset.plan,
      isHeld: dataset.held !== null,
      hasJob: services.store.jobs.findOpen(dataset.id) !== null,
      signIn: signInOf(credentialOf(services, dataset)),
    },
    world,
  );
}

/** The same, for whoever looks at the dataset. */
export function outlookOf(services: Needs, dataset: StoredDataset): Outlook {
  const { starts: _, ...outlook } = decideFor(services, dataset, worldOf(services));
  return outlook;
}
