import { useState } from 'react';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { Note } from '../../components/error-notice.tsx';
import { TextField } from '../../components/fields.tsx';
import { OtherError, TypedOutside, Waiting } from '../../components/session/reauth.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { startOf } from './filter.tsx';

/** The first of January of this year, as a calendar's field has it. */
const thisYear = (): string => `${new Date().getFullYear()}-01-01`;

/** Takes old entries out of the log, once they are in a file. */
export function TrimActivity({ onClose }: { onClose: () => void }) {
  const notify = useNotify();
  const [day, setDay] = useState(thisYear);
  const before = startOf(day, 0);
  const trim = useAction((client, signal, moment: string) =>
    client.audit.trim({ before: moment }, { signal }),
  );
  const done = useWhileThere(onClose);
  const submit = async (): Promise<void> => {
    if (before === undefined) return;
    const answer = await trim.run(before);
    // Whoever chose no file stays here.
    if (!answer || answer.path === null) return;
    done();
    notify.done(t('activity.trimmedToast', { count: answer.count, path: answer.path }));
  };
  return (
    <Panel
      open
      title={t('activity.trimTitle')}
      lead={t('activity.trimLead')}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={trim.busy ? trim.cancel : onClose}>{t('action.cancel')}</Button>
          <Button
            tone="primary"
            type="submit"
            busy={trim.busy}
            blocked={before === undefined ? t('field.required') : undefined}
          >
            {t('activity.trimConfirm')}
          </Button>
        </>
      }
    >
      <div className="form">
        <TextField
          label={t('activity.trimBefore')}
          help={t('activity.trimBeforeHelp')}
          type="date"
          value={day}
          onChange={setDay}
        />
        <Note tone="warn">
          <p>{t('activity.trimKeep')}</p>
        </Note>
        <TypedOutside>{t('activity.trimAsked')}</TypedOutside>
        <Waiting error={trim.error} />
        <OtherError error={trim.error} stillWorks={t('activity.trimStill')} />
      </div>
    </Panel>
  );
}
