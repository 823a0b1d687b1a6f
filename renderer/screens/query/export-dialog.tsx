import { useState } from 'react';
import { type ExportFormat, exportFormats } from '../../../preload/contract/query-words.ts';
import { Button } from '../../components/button.tsx';
import { Box } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { CheckField, RadioField, SelectField } from '../../components/fields.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { formatMegabytes } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { type Asked, whatIsAsked } from './editor/parameters.ts';
import type { AskPlace } from './place.ts';
import { useExport } from './use-export.ts';

type Delimiter = ',' | ';' | '\t';

interface ExportProps {
  readonly place: AskPlace;
  readonly asked: Asked;
  readonly onClose: () => void;
}

/** Every row into a file: how it is written here, where it goes in the dialog of the system. */
export function ExportDialog({ place, asked, onClose }: ExportProps) {
  const notify = useNotify();
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [delimiter, setDelimiter] = useState<Delimiter>(',');
  const [bom, setBom] = useState(false);
  const [escapeFormulas, setEscapeFormulas] = useState(false);
  const [incomplete, setIncomplete] = useState<{ cut: number; written: string } | null>(null);
  const save = useExport();
  const start = async (): Promise<void> => {
    setIncomplete(null);
    const done = await save.run({ ...place, ...whatIsAsked(asked), format, delimiter, bom, escapeFormulas });
    if (!done || done.savedTo === null) return;
    const written = t('query.exported', { rows: done.rows, path: done.savedTo });
    // What is not in the file as it was is not said in passing.
    if (done.cut > 0) return setIncomplete({ cut: done.cut, written });
    notify.done(written);
    onClose();
  };
  /** Also by Escape: the first press stops what runs, the next one closes. */
  const close = (): void => {
    if (save.busy) save.cancel();
    else onClose();
  };
  return (
    <Box
      open
      onClose={close}
      title={t('query.exportTitle')}
      footer={
        <>
          <Button onClick={close}>
            {save.busy ? t('query.exportStop') : t(incomplete ? 'action.close' : 'action.cancel')}
          </Button>
          <Button tone="primary" busy={save.busy} onClick={() => void start()}>
            {t('query.exportStart')}
          </Button>
        </>
      }
    >
      <p>{t('query.exportText')}</p>
      <RadioField
        legend={t('query.format')}
        value={format}
        onChange={setFormat}
        options={exportFormats.map((value) => ({ value, label: t(`query.format.${value}`) }))}
      />
      {format === 'csv' && (
        <>
          <SelectField
            label={t('query.delimiter')}
            value={delimiter}
            onChange={(value) => setDelimiter(value as Delimiter)}
            options={[
              { value: ',', label: t('query.delimiter.comma') },
              { value: ';', label: t('query.delimiter.semicolon') },
              { value: '\t', label: t('query.delimiter.tab') },
            ]}
          />
          <CheckField label={t('query.bom')} help={t('query.bomHelp')} checked={bom} onChange={setBom} />
          <CheckField
            label={t('query.formulas')}
            help={t('query.formulasHelp')}
            checked={escapeFormulas}
            onChange={setEscapeFormulas}
          />
        </>
      )}
      {format === 'xlsx' && <p className="muted">{t('query.xlsxHelp')}</p>}
      <p role="status" className={save.busy ? undefined : 'visually-hidden'}>
        {save.busy ? t('query.exporting') : ''}
      </p>
      {save.progress && (
        <p className="query-export-progress">
          {t('query.exportProgress', {
            rows: save.progress.rows,
            size: formatMegabytes(save.progress.bytes),
          })}
        </p>
      )}
      {incomplete && (
        <Note tone="warn">
          <p>{incomplete.written}</p>
          <p>{t('query.exportCut', { count: incomplete.cut })}</p>
        </Note>
      )}
      {save.error && <ErrorNotice error={save.error} urgent />}
    </Box>
  );
}
