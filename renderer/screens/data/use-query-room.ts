import type { Dataset } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { go, href } from '../../router.ts';
import { addTab, keepTabs, readTabs } from '../query/tabs.ts';

/** Opens the query room of the dataset's project with a statement in a tab of its own; null for whoever may not ask. */
export function useQueryRoom({ projectId }: Dataset): ((name: string, sql: string) => void) | null {
  const access = useAccess();
  const person = useCall('app.info', {}).data?.person;
  // A policy that can't be read may be one that keeps values out: the text stays in this window then.
  const keeps = useCall('policy.get', {}).data?.queryLiterals === 'keep';
  if (!access.may('query_data') || person === undefined) return null;
  return (name, sql) => {
    const storage = keeps ? localStorage : sessionStorage;
    const newId = (): string => crypto.randomUUID();
    const tabs = readTabs(storage, person.id, projectId, newId);
    const shown = tabs.tabs.find(({ id }) => id === tabs.current);
    // An empty tab is what somebody would write it into.
    const next =
      shown?.sql.trim() === ''
        ? {
            ...tabs,
            tabs: tabs.tabs.map((tab) =>
              tab.id === shown.id ? { ...tab, sql, name: tab.name ?? name } : tab,
            ),
          }
        : addTab(tabs, newId(), sql, name);
    keepTabs(storage, person.id, projectId, next);
    go(href('query', projectId));
  };
}
