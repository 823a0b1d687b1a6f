import { useCallback, useSyncExternalStore } from 'react';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'headgate.theme';
const changed = 'headgate:theme';

export function storedTheme(): Theme {
  try {
    const value = localStorage.getItem(key);
    return themes.find((theme) => theme === value) ?? 'system';
  } catch {
    // Storage can be switched off by policy; the choice then lasts as long as the window.
    return 'system';
  }
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener(changed, listener);
  return () => window.removeEventListener(changed, listener);
}

function currentTheme(): Theme {
  const value = document.documentElement.dataset['theme'];
  return themes.find((theme) => theme === value) ?? 'system';
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore(subscribe, currentTheme);
  const choose = useCallback((next: Theme) => {
    applyTheme(next);
    try {
      localStorage.setItem(key, next);
    } catch {
      // As above: it still applies to this window.
    }
    window.dispatchEvent(new Event(changed));
  }, []);
  return [theme, choose];
}
