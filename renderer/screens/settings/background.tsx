import type { BackgroundView } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Switch } from '../../components/fields.tsx';
import { Card } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';

/** Whether Headgate goes on without a window on this computer, and begins so. */
export function BackgroundCard({ background }: { background: BackgroundView }) {
  const set = useAction((client, signal, change: { keepsRunning?: boolean; startsAtLogin?: boolean }) =>
    client.app.setBackground(change, { signal }),
  );
  return (
    <Card title={t('background.title')}>
      <div className="stack">
        <p className="muted settings-lead">{t('background.lead')}</p>
        <Switch
          label={t('background.keepsRunning')}
          checked={background.keepsRunning}
          disabled={set.busy}
          onChange={(keepsRunning) => void set.run({ keepsRunning })}
        />
        <Switch
          label={t('background.startsAtLogin')}
          checked={background.startsAtLogin}
          disabled={set.busy}
          onChange={(startsAtLogin) => void set.run({ startsAtLogin })}
        />
        {set.error && <ErrorNotice error={set.error} urgent />}
      </div>
    </Card>
  );
}
