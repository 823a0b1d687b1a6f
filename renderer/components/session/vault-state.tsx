import type { VaultStatus } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { Hint } from '../button.tsx';
import { Icon, type IconName } from '../icons.tsx';
import type { Tone } from '../status.tsx';

export const vaultLook: Record<VaultStatus['state'], { tone: Tone; icon: IconName }> = {
  protected: { tone: 'ok', icon: 'lock' },
  passphrase: { tone: 'ok', icon: 'lock' },
  key_file: { tone: 'warn', icon: 'lock' },
  recovered: { tone: 'warn', icon: 'unlock' },
  session_only: { tone: 'warn', icon: 'unlock' },
  locked: { tone: 'bad', icon: 'lock' },
};

/** The vault in one line of the shell; leads to its card in the settings. */
export function VaultState() {
  const vault = useCall('vault.status', {}).data;
  if (!vault) return null;
  const look = vaultLook[vault.state];
  const text = t(`vault.short.${vault.state}`);
  return (
    <Hint
      text={t('vault.tooltip', { state: text, protector: vault.protector })}
      side="right"
      described={false}
    >
      <a className={`vault-state tone-${look.tone}`} href={`${href('settings')}?show=vault`}>
        <Icon name={look.icon} />
        <span className="side-text">{text}</span>
      </a>
    </Hint>
  );
}
