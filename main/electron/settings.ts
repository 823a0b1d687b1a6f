import type { IpcMain, Rectangle } from 'electron';
import Store from 'electron-store';
import { type LanguageChoice, languageChoices, type Theme, themes } from '../../preload/contract/models.ts';

/** What the desktop app remembers about its window; everything else lives in the core's store. */
export interface Settings {
  theme(): Theme;
  setTheme(theme: Theme): void;
  language(): LanguageChoice;
  setLanguage(language: LanguageChoice): void;
  bounds(): Rectangle | undefined;
  setBounds(bounds: Rectangle): void;
  /** Whether the app goes on without a window. */
  keepsRunning(): boolean;
  setKeepsRunning(on: boolean): void;
  /** Whether the person was told that it does. */
  toldRunning(): boolean;
  setToldRunning(): void;
}

interface Stored {
  theme?: Theme;
  language?: LanguageChoice;
  bounds?: Rectangle;
  keepsRunning?: boolean;
  toldRunning?: boolean;
}

const side = { type: 'number', minimum: -100_000, maximum: 100_000 } as const;

export function createSettings(deps: { folder: string; ipcMain: IpcMain }): Settings {
  const store = new Store<Stored>({
    name: 'window',
    cwd: deps.folder,
    configFileMode: 0o600,
    clearInvalidConfig: true,
    schema: {
      theme: { type: 'string', enum: [...themes] },
      language: { type: 'string', enum: [...languageChoices] },
      keepsRunning: { type: 'boolean' },
      toldRunning: { type: 'boolean' },
      bounds: {
        type: 'object',
        properties: { x: side, y: side, width: side, height: side },
        required: ['x', 'y', 'width', 'height'],
      },
    },
  });
  // It answers any page that asks, with the path of the data folder; nobody here asks.
  deps.ipcMain.removeAllListeners('electron-store-get-data');
  return {
    theme: () => store.get('theme') ?? 'system',
    setTheme: (theme) => store.set('theme', theme),
    language: () => store.get('language') ?? 'system',
    setLanguage: (language) => store.set('language', language),
    bounds: () => store.get('bounds'),
    setBounds: (bounds) => store.set('bounds', bounds),
    keepsRunning: () => store.get('keepsRunning') ?? false,
    setKeepsRunning: (on) => store.set('keepsRunning', on),
    toldRunning: () => store.get('toldRunning') ?? false,
    setToldRunning: () => store.set('toldRunning', true),
  };
}
