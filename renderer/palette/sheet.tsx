import { Dialog } from '@base-ui/react/dialog';
import { useState } from 'react';
import { useAccess } from '../access.ts';
import { IconButton } from '../components/button.tsx';
import { t } from '../i18n/index.ts';
import { screens } from '../screens/index.ts';
import { goLetters } from './shortcuts.ts';
import { isMac, singleKeys } from './use-shortcuts.ts';

/** Every shortcut of the console, and the way to switch off those of a single key. */
export function Sheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [singles, setSingles] = useState(singleKeys.on);
  const access = useAccess();
  const chief = isMac() ? '⌘' : 'Ctrl';
  const anywhere = [
    { keys: [chief, 'K'], what: t('keys.palette') },
    { keys: [chief, ','], what: t('keys.settings') },
    { keys: [chief, 'Shift', 'L'], what: t('keys.lock') },
    { keys: [chief, '\\'], what: t('keys.rail') },
    { keys: ['/'], what: t('keys.search') },
    { keys: ['?'], what: t('keys.sheet') },
    { keys: ['Esc'], what: t('keys.close') },
  ];
  const query = [
    { keys: [chief, 'Enter'], what: t('keys.run') },
    { keys: [chief, 'Shift', 'Enter'], what: t('keys.runAll') },
    { keys: ['Esc'], what: t('keys.cancel') },
  ];
  const going = Object.entries(goLetters).flatMap(([letter, path]) => {
    const screen = screens.find((each) => each.path === path);
    return screen && access.may(screen.permission)
      ? [{ keys: [letter.toUpperCase()], what: t(screen.title) }]
      : [];
  });
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="box box-wide keys">
          <header className="keys-head">
            <Dialog.Title className="box-title">{t('keys.title')}</Dialog.Title>
            <Dialog.Close render={<IconButton icon="close" label={t('action.close')} />} />
          </header>
          <div className="keys-columns">
            <Keys title={t('keys.anywhere')} list={anywhere} />
            <Keys title={t('keys.go')} list={going} />
            {access.may('query_data') && <Keys title={t('keys.query')} list={query} />}
          </div>
          <label className="keys-singles">
            <input
              type="checkbox"
              checked={singles}
              onChange={({ target }) => {
                singleKeys.set(target.checked);
                setSingles(target.checked);
              }}
            />
            <span>
              {t('keys.singles')}
              <small>{t('keys.singlesHelp')}</small>
            </span>
          </label>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface KeysProps {
  readonly title: string;
  readonly list: readonly { readonly keys: readonly string[]; readonly what: string }[];
}

function Keys({ title, list }: KeysProps) {
  return (
    <section>
      <h3>{title}</h3>
      <dl className="keys-list">
        {list.map(({ keys, what }) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
