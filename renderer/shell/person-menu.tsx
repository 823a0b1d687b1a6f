import { Menu } from '@base-ui/react/menu';
import type { Person } from '../../preload/contract/models.ts';
import { useCall } from '../api.ts';
import { IconButton } from '../components/button.tsx';
import { Icon, type IconName } from '../components/icons.tsx';
import { useLock } from '../components/session/use-lock.ts';
import { formatList } from '../format.ts';
import { t } from '../i18n/index.ts';
import { tellDeed } from '../palette/use-shortcuts.ts';
import { go, href } from '../router.ts';
import { themes, useTheme } from '../theme.tsx';
import type { NavMark } from './marks.ts';
import { vaultLook } from './vault-state.tsx';

interface PersonMenuProps {
  readonly person: Person;
  /** Sign-ins that ran out. */
  readonly mark: NavMark | undefined;
}

/** The first letters of the first and the last name. */
function initials(name: string): string {
  const words = name.split(/\s+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toLocaleUpperCase();
}

/** Who sits here and how the vault is; behind it what is that person's own: sign-ins, theme, language, keys, the lock. */
export function PersonMenu({ person, mark }: PersonMenuProps) {
  const vault = useCall('vault.status', {}).data;
  const [theme, choose] = useTheme();
  const lock = useLock();
  const roles =
    person.roles.length === 0
      ? t('settings.noRoles')
      : formatList(person.roles.map((role) => t(`role.${role}`)));
  const look = vault && vaultLook[vault.state];
  return (
    <div className="person-row">
      <Menu.Root modal={false}>
        <Menu.Trigger className="person">
          <span className="person-initials" aria-hidden="true">
            {initials(person.name)}
          </span>
          <span className="person-text">
            <span className="person-name" translate="no">
              {person.name}
            </span>
            {vault && look && (
              <span className={`person-vault tone-${look.tone}`}>
                <Icon name={look.icon} size={12} />
                <span>{t(`vault.short.${vault.state}`)}</span>
              </span>
            )}
          </span>
          <span className="visually-hidden">{t('shell.personMenu')}</span>
          {mark && (
            <span className={`nav-mark tone-${mark.tone}`}>
              <span aria-hidden="true">{mark.count}</span>
              <span className="visually-hidden">{mark.text}</span>
            </span>
          )}
          <Icon name="chevronUp" size={12} />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner side="top" align="start" sideOffset={6} className="menu-positioner">
            <Menu.Popup className="menu">
              <p className="menu-note">{t('shell.signedInAs', { name: person.name, roles })}</p>
              <Item icon="key" onSelect={() => go(href('credentials'))}>
                {t('credentials.title')}
              </Item>
              <Item icon="user" onSelect={() => go(href('people'))}>
                {t('people.title')}
              </Item>
              <Item icon={look?.icon ?? 'lock'} onSelect={() => go(`${href('settings')}?show=vault`)}>
                {t('vault.title')}
              </Item>
              <Menu.Separator className="menu-line" />
              <Menu.RadioGroup value={theme} onValueChange={choose} aria-label={t('theme.label')}>
                {themes.map((each) => (
                  <Menu.RadioItem key={each} value={each} className="menu-item" closeOnClick={false}>
                    <Menu.RadioItemIndicator keepMounted className="menu-check">
                      <Icon name="check" />
                    </Menu.RadioItemIndicator>
                    <span>{t('shell.theme', { theme: t(`theme.${each}`) })}</span>
                  </Menu.RadioItem>
                ))}
              </Menu.RadioGroup>
              <Menu.Separator className="menu-line" />
              <Item icon="settings" onSelect={() => go(`${href('settings')}?show=appearance`)}>
                {t('language.label')}
              </Item>
              <Item icon="info" onSelect={() => tellDeed({ kind: 'sheet' })}>
                {t('shell.keys')}
              </Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      {/* One press away: whoever leaves the desk is in a hurry. */}
      {lock && (
        <IconButton icon="lock" label={t('lock.now')} aria-busy={lock.busy} onClick={() => void lock.run()} />
      )}
    </div>
  );
}

function Item({
  icon,
  children,
  onSelect,
}: {
  readonly icon: IconName;
  readonly children: string;
  readonly onSelect: () => void;
}) {
  return (
    <Menu.Item className="menu-item" onClick={onSelect}>
      <Icon name={icon} />
      <span>{children}</span>
    </Menu.Item>
  );
}
