import type { WireError } from '../../../preload/contract/errors.ts';
import type { Connection, ConnectionPage } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { useKept } from '../../hooks.ts';
import { asked, type Filter } from './filters.tsx';

/** Drawn at first, and added by each “show more”. */
export const pageSize = 100;
/** Drawn at most; from there on one goes from page to page. */
export const mostDrawn = 300;
/** Those that want somebody come first, up to so many of each kind. */
const mostFailing = 100;

/** Where in the list one looks. */
export interface Place {
  readonly offset: number;
  readonly limit: number;
}
export const start: Place = { offset: 0, limit: pageSize };

export interface Listed {
  /** Empty where the order is by name alone. */
  readonly attention: readonly Connection[];
  readonly others: readonly Connection[];
  readonly page: ConnectionPage;
  /** How all are that fit apart from the chosen health. */
  readonly counts: ConnectionPage['health'];
}

/** The connections that fit: by name, and where nothing is searched for those that fail first. */
export function useList(
  filter: Filter,
  { offset, limit }: Place,
): { data: Listed | undefined; error: WireError | undefined; loading: boolean; reload: () => void } {
  const wanted = asked(filter);
  const { health: _health, ...apart } = wanted;
  // With a search or a health chosen there is an order already; what is turned off wants nobody.
  const sorted = filter.search.trim() === '' && filter.health === '' && wanted.state !== 'archived';
  const active = { ...apart, state: 'active' as const, limit: mostFailing };
  const first = sorted && wanted.state !== 'disabled' && offset === 0;
  const page = useCall('connections.list', { ...wanted, offset, limit });
  const counted = useCall('connections.list', filter.health === '' ? null : { ...apart, limit: 1 });
  const fails = useCall('connections.list', first ? { ...active, health: 'fails' } : null);
  const away = useCall('connections.list', first ? { ...active, health: 'unreachable' } : null);

  const keptPage = useKept(page.data);
  const keptFails = useKept(fails.data);
  const keptAway = useKept(away.data);
  const counts = useKept(counted.data)?.health;
  const complete = keptPage && (!first || (keptFails && keptAway));
  const reload = () => {
    page.reload();
    fails.reload();
    away.reload();
  };
  const state = {
    error: page.error ?? fails.error ?? away.error,
    loading: page.data === undefined && page.loading,
    reload,
  };
  if (!complete) return { data: undefined, ...state };
  const attention = first ? [...(keptFails?.items ?? []), ...(keptAway?.items ?? [])] : [];
  const there = new Set(attention.map(({ id }) => id));
  const others = keptPage.items.filter(({ id }) => !there.has(id));
  const data: Listed = {
    attention,
    others,
    page: keptPage,
    counts: filter.health === '' ? keptPage.health : (counts ?? keptPage.health),
  };
  return { data, ...state };
}
