import { useState } from 'react';
import type { AuditFilter } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { CopyTextButton } from '../../components/copy.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { RadioField } from '../../components/fields.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';

const formats = ['csv', 'json'] as const;
type Format = (typeof formats)[number];
type Which = 'all' | 'filtered';

interface ExportProps {
  /** What the list is filtered by. */
  readonly filter: AuditFilter;
  readonly onClose: () => void;
}

/** Hands the log to somebody else, with the hashes that chain it. */
export function ExportActivity({ filter, onClose }: ExportProps) {
  const notify = useNotify();
  const filtered = Object.keys(filter).length > 0;
  const [format, setFormat] = useState<Format>('csv');
  const [which, setWhich] = useState<Which>('all');
  const [ready, setReady] = useState<{ text: string; count: number } | null>(null);
  const [under, setUnder] = useState<'save' | 'copy' | null>(null);
  const hand = useAction((client, signal, save: boolean) =>
    client.audit.export({ ...(which === 'filtered' ? filter : {}), format, save }, { signal }),
  );
  const done = useWhileThere(onClose);
  const run = async (way: 'save' | 'copy'): Promise<void> => {
    setUnder(way);
    const answer = await hand.run(way === 'save');
    setUnder(null);
    if (!answer) return;
    if (answer.text !== null) setReady({ text: answer.text, count: answer.count });
    else if (answer.path !== null) {
      done();
      notify.done(t('activity.savedToast', { count: answer.count, path: answer.path }));
    }
  };
  // What was prepared for another choice is not what would be copied.
  const choose =
    <V,>(set: (value: V) => void) =>
    (value: V) => {
      set(value);
      setReady(null);
    };
  return (
    <Panel
      open
      saved
      title={t('activity.exportTitle')}
      lead={t('activity.exportLead')}
      onClose={onClose}
      onSubmit={() => void run('save')}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {t('action.close')}
          </Button>
          {ready ? (
            <CopyTextButton text={ready.text} label={t('activity.copyReady', { count: ready.count })} />
          ) : (
            <Button icon="copy" busy={under === 'copy'} onClick={() => void run('copy')}>
              {t('activity.copy')}
            </Button>
          )}
          <Button tone="primary" type="submit" busy={under === 'save'}>
            {t('activity.save')}
          </Button>
        </>
      }
    >
      <div className="form">
        <RadioField<Which>
          legend={t('activity.which')}
          value={which}
          onChange={choose(setWhich)}
          options={[
            { value: 'all', label: t('activity.whichAll'), help: t('activity.whichAllHelp') },
            ...(filtered ? [{ value: 'filtered' as const, label: t('activity.whichFiltered') }] : []),
          ]}
        />
        <RadioField
          legend={t('activity.format')}
          value={format}
          onChange={choose(setFormat)}
          options={formats.map((value) => ({
            value,
            label: t(`activity.format.${value}`),
            help: t(`activity.formatHelp.${value}`),
          }))}
        />
        <Note tone="info">
          <p>{t('activity.exportNoSecrets')}</p>
        </Note>
        <div role="status">
          {ready && (
            <Note tone="ok">
              <p>{t('activity.ready', { count: ready.count })}</p>
            </Note>
          )}
        </div>
        {hand.error && <ErrorNotice error={hand.error} urgent />}
      </div>
    </Panel>
  );
}
