import type { StoredLink } from '../../store/data/links.ts';
import type { Services } from '../context.ts';
import { freeSchemaName } from './kept.ts';

/**
 * The dataset of a link: the project's own, or the person's in user mode. Made when it is missing, with a schema
 * name that no other dataset of this workspace has.
 */
export function ensureDataset(services: Services, link: StoredLink, personId: string) {
  const { store } = services;
  const owner = link.credentialMode === 'user' ? personId : null;
  return store.transaction(() => {
    const found = store.datasets.find(link.id, owner);
    if (found) return found;
    const schema = freeSchemaName(services, owner ?? link.projectId, link.sourceType);
    return store.datasets.create(
      { id: services.newId(), linkId: link.id, personId: owner, schemaName: schema },
      services.now(),
    );
  });
}
