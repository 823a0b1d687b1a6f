import { Menu } from '@base-ui/react/menu';
import { Icon, type IconName } from './icons.tsx';

export interface MenuEntry {
  readonly label: string;
  readonly icon: IconName;
  readonly danger?: boolean;
  /** Why it can not be used now. */
  readonly blocked?: string | undefined;
  readonly onSelect: () => void;
}

/** The further actions of a row; the most used one stays a button beside it. */
export function RowMenu({ label, entries }: { label: string; entries: readonly MenuEntry[] }) {
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="icon-button" aria-label={label}>
        <Icon name="more" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={4} className="menu-positioner">
          <Menu.Popup className="menu">
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
  );
}
