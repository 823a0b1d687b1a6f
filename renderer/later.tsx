import { type ComponentType, useEffect, useState } from 'react';
import { toWireError } from './api.ts';
import { ErrorNotice } from './components/error-notice.tsx';
import { everyWord } from './i18n/index.ts';
import type { Route } from './router.ts';

export type ScreenComponent = ComponentType<{ route: Route }>;

/** A file that is fetched after the first drawing, and the words that it needs. */
export async function withWords<T>(fetchFile: () => Promise<T>): Promise<T> {
  const [file] = await Promise.all([fetchFile(), everyWord()]);
  return file;
}

export interface Later<P> {
  readonly Screen: ComponentType<P>;
  readonly load: () => Promise<void>;
}

/**
 * A screen, or a part of one, in a file of its own. Once the file is there it is drawn at once: `lazy` and Suspense would
 * show an empty page for 300 ms on the first visit, even of a file that was fetched long ago.
 */
export function later<P extends object = { route: Route }>(
  fetchScreen: () => Promise<ComponentType<P>>,
): Later<P> {
  let fetched: ComponentType<P> | undefined;
  const load = async () => {
    fetched ??= await withWords(fetchScreen);
  };
  const Screen = (props: P) => {
    const [, redraw] = useState(0);
    const [failed, setFailed] = useState<unknown>();
    useEffect(() => {
      if (!fetched) load().then(() => redraw((times) => times + 1), setFailed);
    }, []);
    if (failed !== undefined) return <ErrorNotice error={toWireError(failed)} />;
    const Fetched = fetched;
    return Fetched ? <Fetched {...props} /> : null;
  };
  return { Screen, load };
}
