import type { BulkChange } from '../../../preload/contract/models.ts';
import type { StoredConnection } from '../../store/connections/connections.ts';

/** What gives a connection back what a change took from it, or takes what it gave; empty where nothing was changed. */
export function wayBack(
  before: Pick<StoredConnection, 'state' | 'folder' | 'tags'>,
  { state, folder }: BulkChange,
  tags: ReadonlySet<string>,
): BulkChange {
  const lost = before.tags.filter((tag) => !tags.has(tag));
  const came = [...tags].filter((tag) => !before.tags.includes(tag));
  return {
    ...(state !== undefined && state !== before.state ? { state: before.state } : {}),
    ...(folder !== undefined && folder !== before.folder ? { folder: before.folder } : {}),
    ...(lost.length > 0 ? { addTags: lost } : {}),
    ...(came.length > 0 ? { removeTags: came } : {}),
  };
}
