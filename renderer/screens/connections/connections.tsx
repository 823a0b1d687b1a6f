import { useEffect } from 'react';
import { later } from '../../later.tsx';
import { go, href, type Route } from '../../router.ts';
import { ConnectionList } from './connection-list.tsx';

const ImportReview = later(() =>
  import('../connection-import/import-review.tsx').then((file) => file.ImportReview),
);
const Deleted = later<{ route: Route }>(() => import('./deleted.tsx').then((file) => file.Deleted));
const ConnectionPage = later(() =>
  import('../connection-page/connection-page.tsx').then((file) => file.ConnectionPage),
);

/** `#/connections` is the list, `#/connections/import` the way in, `#/connections/deleted` what can be restored, `#/connections/<id>` the page of one. */
export function Connections({ route }: { route: Route }) {
  const [place, part] = route.parts;
  // While the next screen is being fetched this one is still there, with the address of that one.
  const shown = place === 'connections' ? route.query.get('show') : null;
  useEffect(() => {
    // Those who point at one mean its page.
    if (part === undefined && shown !== null) go(href('connections', shown), true);
  }, [part, shown]);
  useEffect(() => {
    // Most who come to the list open one of it.
    requestIdleCallback(() => void ConnectionPage.load().catch(() => undefined));
  }, []);
  if (part === 'import') return <ImportReview.Screen route={route} />;
  if (part === 'deleted') return <Deleted.Screen route={route} />;
  if (part !== undefined) return <ConnectionPage.Screen key={part} route={route} />;
  return <ConnectionList route={route} />;
}
