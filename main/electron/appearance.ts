import type { NativeTheme } from 'electron';
import type { Appearance } from '../host.ts';
import type { Settings } from './settings.ts';

export interface DesktopAppearance extends Appearance {
  /** Told after each change, whoever made it. */
  onChange(listener: () => void): void;
}

/**
 * The theme in its two places: the settings file, and the platform, which tells the page by `prefers-color-scheme`. And the
 * language, which the page asks for.
 */
export function createAppearance(deps: {
  settings: Pick<Settings, 'theme' | 'setTheme' | 'language' | 'setLanguage'>;
  nativeTheme: Pick<NativeTheme, 'themeSource'>;
}): DesktopAppearance {
  const { settings, nativeTheme } = deps;
  const listeners: (() => void)[] = [];
  // Before the first window, so that it opens in the right colours.
  nativeTheme.themeSource = settings.theme();
  return {
    theme: () => settings.theme(),
    setTheme(theme) {
      settings.setTheme(theme);
      nativeTheme.themeSource = theme;
      for (const listener of listeners) listener();
    },
    language: () => settings.language(),
    setLanguage(language) {
      settings.setLanguage(language);
      for (const listener of listeners) listener();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
