import { useState } from 'react';
import { type ExportFormat, exportFormats } from '../../../preload/contract/query-words.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Box } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { CheckField, RadioField, SelectField } from '../../components/fields.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';
import { type Asked, whatIsAsked } from './editor/parameters.ts';

type Delimiter = ',' | ';' | '\t';

interface ExportProps {
  readonly projectId: string;
  readonly asked: Asked;
  readonly onClose: () => void;
}

/** Every row into a file: how it is written here, where it goes in the dialog of the system. */
export function ExportDialog({ projectId, asked, onClose }: ExportProps) {
  const notify = useNotify();
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [delimiter, setDelimiter] = useState<Delimiter>(',');
  const [bom, setBom] = useState(false);
  const [escapeFormulas, setEscapeFormulas] = useState(false);
  const save = useAction((client, signal) =>
    client.query.export(
      { projectId, ...whatIsAsked(asked), format, delimiter, bom, escapeFormulas },
      { signal },
    ),
  );
  const start = async (): Promise<void> => {
    const done = await save.run();
    if (!done || done.savedTo === null) return;
    notify.done(t('query.exported', { rows: done.rows, path: done.savedTo }));
    onClose();
  };
  const close = (): void => {
    save.cancel();
    onClose();
  };
  return (
    <Box
      open
      onClose={close}
      title={t('query.exportTitle')}
      footer={
        <>
          <Button onClick={save.busy ? save.cancel : close}>
            {save.busy ? t('query.exportStop') : t('action.cancel')}
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
      <p role="status" className={save.busy ? undefined : 'visually-hidden'}>
        {save.busy ? t('query.exporting') : ''}
      </p>
      {save.error && <ErrorNotice error={save.error} urgent />}
    </Box>
  );
}
