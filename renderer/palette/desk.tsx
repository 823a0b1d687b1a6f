import { lazy, Suspense, useCallback, useState } from 'react';
import { useEvent } from '../api.ts';
import { Hint } from '../components/button.tsx';
import { Icon } from '../components/icons.tsx';
import { useLock } from '../components/session/use-lock.ts';
import { t } from '../i18n/index.ts';
import { withWords } from '../later.tsx';
import { go, href } from '../router.ts';
import type { Entry } from './entries.ts';
import { deedOf } from './shortcuts.ts';
import { isMac, tellDeed, useShortcuts } from './use-shortcuts.ts';

const Palette = lazy(() =>
  withWords(() => import('./palette.tsx').then((file) => ({ default: file.Palette }))),
);
const Sheet = lazy(() => withWords(() => import('./sheet.tsx').then((file) => ({ default: file.Sheet }))));

/** Where one can go back to from the palette. */
const mostRecent = 8;

/** The button, the palette and the sheet of shortcuts. What was chosen is known until the session is locked, and kept nowhere. */
export function PaletteDesk({ small, onRail }: { readonly small: boolean; readonly onRail: () => void }) {
  const [shown, setShown] = useState<'palette' | 'sheet' | null>(null);
  // Fetched at first use; afterwards they stay, so that they close as they opened.
  const [used, setUsed] = useState({ palette: false, sheet: false });
  const [recent, setRecent] = useState<readonly Entry[]>([]);
  const lock = useLock();
  const show = useCallback((what: 'palette' | 'sheet') => {
    setUsed((before) => ({ ...before, [what]: true }));
    setShown(what);
  }, []);
  useShortcuts((deed) => {
    if (deed.kind === 'palette' || deed.kind === 'sheet') show(deed.kind);
    else if (deed.kind === 'screen') go(href(deed.path));
    else if (deed.kind === 'settings') go(href('settings'));
    else if (deed.kind === 'rail') onRail();
    else if (deed.kind === 'lock') void lock?.run();
    else if (!focusSearch()) show('palette');
  });
  useEvent('menu.chosen', ({ deed }) => tellDeed(deedOf(deed)));
  const went = (entry: Entry): void =>
    setRecent((before) => [entry, ...before.filter(({ id }) => id !== entry.id)].slice(0, mostRecent));
  const close = (): void => setShown(null);
  return (
    <>
      <Hint text={t('palette.open')} side="right" described={false}>
        <button
          type="button"
          className="side-search"
          aria-keyshortcuts="Control+K Meta+K"
          onClick={() => show('palette')}
        >
          <Icon name="search" />
          <span className="nav-title">{small ? t('palette.short') : t('palette.open')}</span>
          <span className="side-keys" aria-hidden="true">
            <kbd>{isMac() ? '⌘ K' : 'Ctrl K'}</kbd>
          </span>
        </button>
      </Hint>
      <Suspense>
        {used.palette && (
          <Palette
            open={shown === 'palette'}
            onClose={close}
            recent={recent}
            onWent={went}
            onSheet={() => show('sheet')}
          />
        )}
        {used.sheet && <Sheet open={shown === 'sheet'} onClose={close} />}
      </Suspense>
    </>
  );
}

/** The field that searches in the screen; false where it has none. */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('main input[type="search"]');
  field?.focus();
  field?.select();
  return field !== null;
}
