import { Menu } from '@base-ui/react/menu';
import { useId, useRef, useState } from 'react';
import { Icon, type IconName } from './icons.tsx';

export interface MenuEntry {
  readonly label: string;
  readonly icon: IconName;
  readonly danger?: boolean;
  /** Why it can not be used now. */
  readonly blocked?: string | undefined;
  readonly onSelect: () => void;
}

/**
 * The further actions of a row; the most used one stays a button beside it. The menu is made when it is opened first: of the
 * hundreds in a list hardly one is used.
 */
export function RowMenu({ label, entries }: { label: string; entries: readonly MenuEntry[] }) {
  const [open, setOpen] = useState(false);
  const [used, setUsed] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const show = (next: boolean): void => {
    setUsed(true);
    setOpen(next);
  };
  return (
    <>
      <button
        type="button"
        ref={button}
        className="icon-button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => show(!open)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          show(true);
        }}
      >
        <Icon name="more" />
      </button>
      {used && (
        <Menu.Root
          modal={false}
          open={open}
          onOpenChange={(next, { event }) => {
            // A press of the button is told by the button itself.
            const isButton = event.target instanceof Node && button.current?.contains(event.target);
            if (!isButton || event.type === 'keydown') setOpen(next);
          }}
        >
          <Menu.Portal>
            <Menu.Positioner anchor={button} align="end" sideOffset={4} className="menu-positioner">
              <Menu.Popup className="menu" id={id} aria-label={label} finalFocus={button}>
                {entries.map((entry) => (
                  <Menu.Item
                    key={entry.label}
                    className={entry.danger ? 'menu-item menu-item-danger' : 'menu-item'}
                    disabled={entry.blocked !== undefined}
                    onClick={entry.onSelect}
                  >
                    <Icon name={entry.icon} />
                    <span>
                      {entry.label}
                      {entry.blocked !== undefined && <small>{entry.blocked}</small>}
                    </span>
                  </Menu.Item>
                ))}
              </Menu.Popup>
            </Menu.Positioner>
          </Menu.Portal>
        </Menu.Root>
      )}
    </>
  );
}
