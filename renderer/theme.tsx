import { createContext, type ReactNode, useContext, useEffect, useLayoutEffect, useState } from 'react';
import type { Theme } from '../preload/contract/models.ts';
import { toWireError, useApi, useCall, useEvent } from './api.ts';
import { useSeat } from './components/session/lock-session.tsx';
import { useNotify } from './components/toasts.tsx';

// Written out here: the list in the contract comes with its validation library, which stays out of this bundle.
export const themes = ['system', 'light', 'dark'] as const satisfies readonly Theme[];

type ThemeState = readonly [theme: Theme, choose: (theme: Theme) => void];
const ThemeContext = createContext<ThemeState>(['system', () => undefined]);

export function useTheme(): ThemeState {
  return useContext(ThemeContext);
}

function themeOfPage(): Theme {
  return themes.find((each) => each === document.documentElement.dataset['theme']) ?? 'system';
}

/**
 * The theme is the host's: it is kept there, and the native menu shows and changes the same one. The desktop host also
 * drives `prefers-color-scheme`, so the first paint is in the right colours before anything was asked.
 */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const { client } = useApi();
  const notify = useNotify();
  const { open } = useSeat();
  const { data: info, reload } = useCall('app.info', open ? {} : null);
  // A lock must not change the colours: what they were is written on the page itself.
  const [before] = useState(themeOfPage);
  // At once, not with the next reading of lists: somebody looks at it changing.
  useEvent('store.changed', ({ entity }) => entity === 'appearance' && reload());
  // What was chosen in this window counts until the host has said it back.
  const [chosen, setChosen] = useState<{ theme: Theme; kept: boolean } | null>(null);
  const theme = chosen?.theme ?? info?.theme ?? before;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new answer of the host, also one that says the same
  useEffect(() => setChosen((known) => (known?.kept ? null : known)), [info]);
  useLayoutEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  const choose = async (next: Theme) => {
    setChosen({ theme: next, kept: false });
    try {
      await client.app.setTheme({ theme: next });
      setChosen((known) => known && { ...known, kept: known.theme === next });
    } catch (error) {
      setChosen(null);
      notify.failed(toWireError(error));
    }
  };
  return <ThemeContext value={[theme, (next) => void choose(next)]}>{children}</ThemeContext>;
}
