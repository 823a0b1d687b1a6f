import { useState } from 'react';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Icon } from '../../components/icons.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { go, href } from '../../router.ts';

/** On every screen while there is a sample: nobody takes its numbers for their own, and everybody finds the way out. */
export function SampleBanner() {
  const state = useCall('demo.state', {}).data;
  const access = useAccess();
  const notify = useNotify();
  const [asking, setAsking] = useState(false);
  const leave = useAction((client) => client.demo.leave({}));
  const again = useAction((client, signal) => client.demo.start({}, { signal }));
  if (!state || state.phase === 'none' || state.phase === 'making') return null;
  const blocked = access.reason('manage_database_connections') ?? access.reason('manage_projects');
  const confirm = async () => {
    if (!(await leave.run())) return;
    setAsking(false);
    notify.done(t('sample.leftToast'));
    go(href());
  };
  const stopped = state.phase === 'stopped';
  return (
    <aside className="sample" aria-label={t('sample.label')}>
      <Icon name={stopped ? 'warning' : 'info'} size={16} />
      <span>
        {stopped ? t('sample.stopped') : t('sample.banner')}
        {state.trouble && ` ${sentence(state.trouble.said, state.trouble.message)}`}
      </span>
      {stopped && (
        <Button small busy={again.busy} blocked={blocked} onClick={() => void again.run()}>
          {t('sample.again')}
        </Button>
      )}
      <Button small busy={leave.busy} blocked={blocked} onClick={() => setAsking(true)}>
        {t('sample.leave')}
      </Button>
      <Confirm
        open={asking}
        title={t('sample.leaveTitle')}
        confirm={t('sample.leave')}
        busy={leave.busy}
        onClose={() => setAsking(false)}
        onConfirm={() => void confirm()}
      >
        <p>{t('sample.leaveText')}</p>
        {leave.error && <ErrorNotice error={leave.error} urgent />}
      </Confirm>
    </aside>
  );
}
