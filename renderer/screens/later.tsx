import { type ComponentType, useEffect, useState } from 'react';
import { toWireError } from '../api.ts';
import { ErrorNotice } from '../components/error-notice.tsx';
import type { Route } from '../router.ts';

export type ScreenComponent = ComponentType<{ route: Route }>;

export interface LaterScreen {
  readonly Screen: ScreenComponent;
  readonly load: () => Promise<void>;
}

/**
 * A screen in a file of its own. Once the file is there the screen is drawn at once: `lazy` and Suspense would
 * show an empty page for 300 ms on the first visit, even of a file that was fetched long ago.
 */
export function later(fetchScreen: () => Promise<ScreenComponent>): LaterScreen {
  let fetched: ScreenComponent | undefined;
  const load = async () => {
    fetched ??= await fetchScreen();
  };
  const Screen = ({ route }: { route: Route }) => {
    const [, redraw] = useState(0);
    const [failed, setFailed] = useState<unknown>();
    useEffect(() => {
      if (!fetched) load().then(() => redraw((times) => times + 1), setFailed);
    }, []);
    if (failed !== undefined) return <ErrorNotice error={toWireError(failed)} />;
    const Fetched = fetched;
    return Fetched ? <Fetched route={route} /> : null;
  };
  return { Screen, load };
}
