import { useMemo, useSyncExternalStore } from 'react';

/** `#/projects/42?link=1` as parts `['projects', '42']` and query `link=1`. */
export interface Route {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

export function parseHash(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const parts = path.split('/').filter(Boolean).map(decodePart);
  return moved({ parts, query: new URLSearchParams(query) });
}

/** Addresses of before lead on: what is in the history of a window, a notification or a bookmark. */
function moved(route: Route): Route {
  const { parts, query } = route;
  if (parts[0] !== 'sync') return route;
  const job = query.get('show');
  return { parts: job === null ? ['runs'] : ['runs', job], query: new URLSearchParams() };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function href(...parts: string[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

/** The address of one thing in the list of a screen; the screen brings it into view. */
export function hrefShowing(id: string, ...parts: string[]): string {
  return `${href(...parts)}?show=${encodeURIComponent(id)}`;
}

/** The address of a column of a table, which the screen brings into view. */
export function hrefToColumn(column: string, ...parts: string[]): string {
  return `${href(...parts)}?column=${encodeURIComponent(column)}`;
}

/** Goes somewhere; with `replace` the step back skips where we are, e.g. after a form that the address opened. */
export function go(to: string, replace = false): void {
  if (replace) location.replace(to);
  else location.hash = to.replace(/^#/, '');
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => parseHash(hash), [hash]);
}
