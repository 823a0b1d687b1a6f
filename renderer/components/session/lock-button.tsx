import type { Person } from '../../../preload/contract/models.ts';
import { formatList } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { Hint, IconButton } from '../button.tsx';
import { Icon } from '../icons.tsx';
import { useLock } from './use-lock.ts';

/** Who is signed in and as what, with the way to lock where there is something to lock behind. */
export function SignedIn({ person }: { person: Person }) {
  const lock = useLock();
  const roles =
    person.roles.length === 0
      ? t('settings.noRoles')
      : formatList(person.roles.map((role) => t(`role.${role}`)));
  return (
    <div className="side-seat">
      <Hint text={t('shell.signedInAs', { name: person.name, roles })} side="right" described={false}>
        <a className="side-person" href={`${href('settings')}?show=you`}>
          <Icon name="user" />
          <span className="side-text">
            <span className="side-name">{person.name}</span>
            <span className="side-roles">{roles}</span>
          </span>
        </a>
      </Hint>
      {lock && (
        <IconButton icon="lock" label={t('lock.now')} aria-busy={lock.busy} onClick={() => void lock.run()} />
      )}
    </div>
  );
}
