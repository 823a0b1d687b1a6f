import type { VaultStatus } from '../../preload/contract/models.ts';
import { useCall } from '../api.ts';
import { Icon, type IconName } from '../components/icons.tsx';
import type { Tone } from '../components/status.tsx';
import { t } from '../i18n/index.ts';
import { href } from '../router.ts';

export const vaultLook: Record<VaultStatus['state'], { tone: Tone; icon: IconName }> = {
  protected: { tone: 'ok', icon: 'lock' },
  passphrase: { tone: 'ok', icon: 'lock' },
  key_file: { tone: 'warn', icon: 'lock' },
  recovered: { tone: 'warn', icon: 'unlock' },
  session_only: { tone: 'warn', icon: 'unlock' },
  locked: { tone: 'bad', icon: 'lock' },
};

/** While the vault is locked, or forgets at the end of the session: what that means, on every screen, with the way to mend it. */
export function VaultBar() {
  const state = useCall('vault.status', {}).data?.state;
  if (state !== 'locked' && state !== 'session_only') return null;
  const { tone, icon } = vaultLook[state];
  return (
    <p className={`bar tone-${tone}`}>
      <Icon name={icon} size={16} />
      <span>{t(state === 'locked' ? 'shell.vaultLocked' : 'shell.vaultForgets')}</span>
      <a href={`${href('settings')}?show=vault`}>
        {t(state === 'locked' ? 'shell.toUnlock' : 'shell.toProtect')}
      </a>
    </p>
  );
}
