import { useRef, useState } from 'react';
import type { Job } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { focusFirstInvalid } from '../../focus.ts';
import { t } from '../../i18n/index.ts';
import { Button } from '../button.tsx';
import { Panel } from '../dialogs.tsx';
import { ErrorNotice } from '../error-notice.tsx';
import { TextField } from '../fields.tsx';
import { useNotify } from '../toasts.tsx';

/** Whether another Headgate runs a job, which then can't be paused or cancelled here, only taken over. */
export function useElsewhere({ runner }: Job): boolean {
  const here = useCall('app.info', {}).data?.runner;
  return here !== undefined && runner !== null && runner.id !== here;
}

/** Who runs a job, in words. */
export function runnerText({ runner }: Job): string {
  if (!runner?.pid) return t('takeOver.unknown');
  return t('takeOver.runner', { pid: String(runner.pid), host: runner.host });
}

/** Has a job here that another Headgate runs, for a reason that is written down. */
export function TakeOver({ job, name }: { job: Job; name: string }) {
  const blocked = useAccess().reason('run_syncs');
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        small
        icon="hand"
        blocked={blocked}
        aria-label={t('takeOver.openOf', { name })}
        onClick={() => setOpen(true)}
      >
        {t('takeOver.open')}
      </Button>
      {open && <Dialog job={job} name={name} onClose={() => setOpen(false)} />}
    </>
  );
}

function Dialog({ job, name, onClose }: { job: Job; name: string; onClose: () => void }) {
  const notify = useNotify();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  const take = useAction((client) => client.syncs.takeOver({ id: job.id, reason: reason.trim() }));
  const run = async (): Promise<void> => {
    setMissing(reason.trim() === '');
    if (reason.trim() === '') {
      focusFirstInvalid(form.current);
      return;
    }
    const taken = await take.run();
    if (!taken) return;
    // It may have ended while the reason was typed.
    notify.done(t(taken.finishedAt === null ? 'takeOver.doneToast' : 'takeOver.endedToast', { name }));
    onClose();
  };
  return (
    <Panel
      open
      title={t('takeOver.title')}
      lead={name}
      onClose={onClose}
      onSubmit={() => void run()}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button tone="primary" type="submit" busy={take.busy}>
            {t('takeOver.confirm')}
          </Button>
        </>
      }
    >
      <div className="form" ref={form}>
        <p>{runnerText(job)}</p>
        <p>{t('takeOver.text')}</p>
        <TextField
          label={t('takeOver.reason')}
          help={t('takeOver.reasonHelp')}
          maxLength={500}
          value={reason}
          onChange={setReason}
          error={missing && reason.trim() === '' ? t('takeOver.reasonMissing') : undefined}
        />
        {take.error && <ErrorNotice error={take.error} urgent />}
      </div>
    </Panel>
  );
}
