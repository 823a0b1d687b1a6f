import { useRef, useState } from 'react';
import type { ConnectionDetail } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { TextArea } from '../../components/fields.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { t } from '../../i18n/index.ts';
import { superuserReasonProblem } from '../connections/form/checks.ts';
import { manageBlocked } from '../connections/health.tsx';

interface InsistProps {
  readonly connection: ConnectionDetail;
  /** It may be used now: worth another test. */
  readonly onInsisted: () => void;
}

/** The way past the refusal of a superuser: deliberate, with a reason that stays. */
export function Insist({ connection, onInsisted }: InsistProps) {
  const notify = useNotify();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const save = useAction((client) =>
    client.connections.update({ id: connection.id, superuserReason: reason.trim() }),
  );
  const body = useRef<HTMLDivElement>(null);
  const close = (): void => {
    save.cancel();
    setOpen(false);
  };
  const insist = async (): Promise<void> => {
    const found = superuserReasonProblem(reason, false);
    setProblem(found);
    if (found !== undefined) {
      focusFirstInvalid(body.current);
      return;
    }
    if (!(await save.run())) return;
    setOpen(false);
    notify.done(t('superuser.done'));
    onInsisted();
  };
  return (
    <>
      <p className="actions">
        <Button small icon="shield" blocked={manageBlocked(connection)} onClick={() => setOpen(true)}>
          {t('superuser.use')}
        </Button>
      </p>
      {open && (
        <Panel
          open
          title={t('superuser.title')}
          lead={t('superuser.text')}
          onClose={close}
          onSubmit={() => void insist()}
          footer={
            <>
              <Button tone="quiet" onClick={close}>
                {t('action.cancel')}
              </Button>
              <Button tone="primary" type="submit" busy={save.busy}>
                {t('superuser.confirm')}
              </Button>
            </>
          }
        >
          <div className="stack" ref={body}>
            {save.error && <ErrorNotice error={save.error} urgent />}
            <TextArea
              label={t('superuser.reason')}
              help={t('superuser.reasonHelp')}
              maxLength={500}
              spellCheck
              value={reason}
              onChange={setReason}
              error={problem}
            />
          </div>
        </Panel>
      )}
    </>
  );
}
