import { useState } from 'react';
import type { Connection } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { CauseItem, Item } from '../../components/data/cause-item.tsx';
import { Box } from '../../components/dialogs.tsx';
import { Card } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { later } from '../../later.tsx';
import type { Grouped } from '../../watch/causes.ts';
import type { World } from '../../watch/summary.ts';

/** So many failing connections are asked for; whoever has more looks at the list of them. */
const most = 50;

/** Connections whose last test failed, for those who look after connections; nothing for others. */
export function useFailing(): readonly Connection[] {
  const mine = useAccess().may('manage_database_connections');
  const asked = (health: 'fails' | 'unreachable') =>
    mine ? ({ state: 'active', health, limit: most } as const) : null;
  const refused = useCall('connections.list', asked('fails')).data;
  const away = useCall('connections.list', asked('unreachable')).data;
  return [...(refused?.items ?? []), ...(away?.items ?? [])];
}

interface AttentionProps {
  readonly causes: readonly Grouped[];
  readonly vault: World['vault'];
}

/** What somebody has to do, by what causes it, most urgent first, each with one thing to press. Nothing to do: nothing shown. */
export function Attention({ causes, vault }: AttentionProps) {
  if (causes.length === 0 && vault === 'keeps') return null;
  return (
    <Card title={t('home.attention')} flush>
      <ul className="lines">
        {vault !== 'keeps' && <VaultItem vault={vault} />}
        {causes.map((group) => (
          <CauseItem key={group.key} group={group} />
        ))}
      </ul>
    </Card>
  );
}

const { Screen: Unlock } = later(() => import('../settings/vault-unlock.tsx').then((file) => file.Unlock));
const { Screen: ChangeProtection } = later(() =>
  import('../settings/vault-protection.tsx').then((file) => file.ChangeProtection),
);

function VaultItem({ vault }: { vault: 'forgets' | 'locked' }) {
  const status = useCall('vault.status', {}).data;
  const slots = useCall('vault.slots', {}).data ?? [];
  const blocked = useAccess().reason('manage_vault');
  const [open, setOpen] = useState(false);
  const locked = vault === 'locked';
  const close = () => setOpen(false);
  return (
    <Item
      tone={locked ? 'bad' : 'warn'}
      title={t(locked ? 'home.vaultLocked' : 'home.vaultForgets')}
      text={t(locked ? 'home.vaultLockedText' : 'home.vaultForgetsText')}
      action={
        <>
          <Button small icon={locked ? 'unlock' : 'lock'} blocked={blocked} onClick={() => setOpen(true)}>
            {t(locked ? 'home.unlock' : 'home.vaultProtect')}
          </Button>
          {open && status && locked && (
            <Box
              open
              title={t('home.vaultLocked')}
              onClose={close}
              footer={<Button onClick={close}>{t('action.close')}</Button>}
            >
              <Unlock status={status} slots={slots} onDone={close} />
            </Box>
          )}
          {open && status && !locked && <ChangeProtection status={status} onClose={close} />}
        </>
      }
    />
  );
}
