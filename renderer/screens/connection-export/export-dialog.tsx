import { useState } from 'react';
import type { HandedOver } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { CopyTextButton } from '../../components/copy.tsx';
import { Box } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { ProjectsAlong } from './projects-along.tsx';

interface ExportProps {
  /** Null for all of them. */
  readonly ids: readonly string[] | null;
  readonly onClose: () => void;
}

/** Connections without their secrets, to a file or to copy. */
export function ExportDialog({ ids, onClose }: ExportProps) {
  const notify = useNotify();
  const [text, setText] = useState<string | null>(null);
  const [projects, setProjects] = useState<readonly string[]>([]);
  const run = useAction((client, signal, save: boolean) =>
    client.connections.export(
      { save, projects: [...projects], ...(ids === null ? {} : { ids: [...ids] }) },
      { signal },
    ),
  );
  const done = useWhileThere(onClose);
  const start = async (save: boolean) => {
    const answer = await run.run(save);
    if (!answer) return;
    if (answer.text !== null) setText(answer.text);
    if (tellSaved(answer, notify.done)) done();
  };
  return (
    <Box
      open
      title={t('export.title')}
      onClose={onClose}
      footer={
        <>
          <Button tone="quiet" onClick={run.busy ? run.cancel : onClose}>
            {t(text === null ? 'action.cancel' : 'action.close')}
          </Button>
          {text === null && (
            <Button busy={run.busy} onClick={() => void start(false)}>
              {t('export.show')}
            </Button>
          )}
          <Button tone="primary" busy={run.busy} onClick={() => void start(true)}>
            {t('export.save')}
          </Button>
        </>
      }
    >
      <p>{ids === null ? t('export.all') : t('export.text', { count: ids.length })}</p>
      {text === null && <ProjectsAlong ids={ids} chosen={projects} onChange={setProjects} />}
      {run.error && <ErrorNotice error={run.error} urgent />}
      {text !== null && <ShownText text={text} />}
    </Box>
  );
}

/** Says where it was saved; false when the person closed the dialog of the system. */
export function tellSaved({ path }: HandedOver, say: (text: string) => void): boolean {
  if (path === null) return false;
  say(t('export.savedToast', { path }));
  return true;
}

/** What was made, to be looked at and copied. */
function ShownText({ text }: { text: string }) {
  return (
    <div className="stack-tight">
      <textarea
        className="input code"
        rows={8}
        readOnly
        spellCheck={false}
        translate="no"
        aria-label={t('export.result')}
        value={text}
      />
      <p>
        <CopyTextButton text={text} label={t('export.copy')} />
      </p>
    </div>
  );
}
