import type { DomainHandle, ListName, Resource } from './types.ts';

export interface Change {
  readonly domain: string;
  readonly action: 'touch' | 'edit' | 'vanish' | 'archive' | 'add' | 'reindex';
  readonly resource?: Resource;
  /** A short list, for `add` and `vanish`. */
  readonly list?: ListName;
  readonly indexes?: readonly number[];
  readonly ids?: readonly string[];
  readonly count?: number;
}

/** What `POST /_sim/change` can ask for: `{"domain","action","resource"|"list","indexes"|"ids"|"count"}`. */
export function change(wanted: Change, domain: (name: string) => DomainHandle): void {
  const handle = domain(wanted.domain);
  const resource = wanted.resource ?? 'form';
  if (wanted.list !== undefined) changeList(handle, wanted.list, wanted);
  else if (wanted.action === 'touch') handle.touch(resource, wanted.indexes ?? []);
  else if (wanted.action === 'edit') handle.edit(resource, wanted.indexes ?? []);
  else if (wanted.action === 'vanish') handle.vanish(resource, wanted.ids ?? []);
  else if (wanted.action === 'archive') handle.archive(wanted.ids ?? []);
  else if (wanted.action === 'add') handle.add(resource, wanted.count ?? 1);
  else if (wanted.action === 'reindex') handle.reindex(wanted.resource);
  else throw new TypeError('Unknown action');
}

function changeList(handle: DomainHandle, list: ListName, { action, ids, count }: Change): void {
  if (action === 'add') handle.addRows(list, count ?? 1);
  else if (action === 'vanish') handle.removeRows(list, ids ?? []);
  else throw new TypeError('A short list knows add and vanish');
}
