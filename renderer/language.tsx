import { createContext, type ReactNode, useContext } from 'react';
import type { WireError } from '../preload/contract/errors.ts';
import { type Api, toWireError, useEvent } from './api.ts';
import { speak } from './i18n/index.ts';
import { type Language, type LanguageChoice, spokenFor } from './i18n/languages.ts';
import { speakSentences } from './i18n/sentence.ts';

/** The language of the window: what was chosen, and what that comes to on this system. */
export interface LanguageState {
  readonly choice: LanguageChoice;
  readonly language: Language;
  /** Keeps the choice on this computer and has the window speak it at once. Answers what it was refused with. */
  choose(next: LanguageChoice): Promise<WireError | undefined>;
}

/** How long the first drawing waits for the host to say what was chosen. */
const patienceMs = 2000;

interface Window {
  state(): LanguageState;
  /** Told after each change: everything has to be drawn anew. */
  onChange(listener: () => void): void;
  /** Asks the host again, after the menu or another window changed something. */
  reload(): Promise<void>;
}

/**
 * Makes the window speak what was chosen on this computer, before it is drawn first; the system's language where nothing was
 * chosen, or the host does not say.
 */
export async function startLanguage(api: Pick<Api, 'client'>): Promise<Window> {
  const listeners: (() => void)[] = [];
  const now: { state?: LanguageState } = {};
  const change = async (choice: LanguageChoice): Promise<void> => {
    const spoken = spokenFor(choice, navigator.languages);
    // The first drawing does not wait for what the core may say later.
    const sentences = speakSentences(spoken);
    const drawAgain = (): void => {
      for (const listener of listeners) listener();
    };
    if (now.state) await sentences;
    else sentences.then(drawAgain, () => undefined);
    await speak(spoken);
    document.documentElement.lang = spoken.language;
    now.state = { choice, language: spoken.language, choose };
    drawAgain();
  };
  const choose = async (next: LanguageChoice): Promise<WireError | undefined> => {
    try {
      await api.client.app.setLanguage({ language: next });
      await change(next);
      return undefined;
    } catch (error) {
      return toWireError(error);
    }
  };
  const asked = async (): Promise<LanguageChoice> => (await api.client.app.language({})).language;
  const late = new Promise<LanguageChoice>((resolve) => setTimeout(resolve, patienceMs, 'system'));
  await change(await Promise.race([asked().catch((): LanguageChoice => 'system'), late]));
  const state = (): LanguageState => {
    if (!now.state) throw new Error('a language was asked for before there was one');
    return now.state;
  };
  return {
    state,
    onChange: (listener) => void listeners.push(listener),
    async reload() {
      const choice = await asked();
      if (choice !== state().choice) await change(choice);
    },
  };
}

const LanguageContext = createContext<LanguageState | null>(null);

/** What is spoken now. A component that keeps a drawing (`memo`) asks for it, so as to draw again in another language. */
export function useLanguage(): LanguageState {
  const state = useContext(LanguageContext);
  if (!state) throw new Error('no LanguageProvider above this component');
  return state;
}

export function LanguageProvider({ window, children }: { window: Window; children: ReactNode }) {
  useEvent('store.changed', ({ entity }) => {
    // Where the host can't say, what is spoken stays.
    if (entity === 'appearance') window.reload().catch(() => undefined);
  });
  return <LanguageContext value={window.state()}>{children}</LanguageContext>;
}
