import { type DictionaryFormat, dictionaryFormats } from '../../../preload/contract/dictionary-words.ts';
import type { Dataset } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';

/** Hands the dictionary of a dataset on as a file; where to, the dialog of the system asks. */
export function ExportButtons({ dataset }: { dataset: Dataset }) {
  const notify = useNotify();
  const save = useAction((client, signal, format: DictionaryFormat) =>
    client.dictionary.export(
      { projectId: dataset.projectId, datasetId: dataset.id, format, save: true },
      { signal },
    ),
  );
  const run = async (format: DictionaryFormat): Promise<void> => {
    const path = (await save.run(format))?.path ?? null;
    if (path !== null) notify.done(t('dictionary.exported', { path }));
  };
  return (
    <>
      <fieldset className="actions dictionary-exports">
        <legend className="visually-hidden">{t('dictionary.exports')}</legend>
        <span className="muted" aria-hidden="true">
          {t('dictionary.exports')}
        </span>
        {dictionaryFormats.map((format) => (
          <Button key={format} small busy={save.busy} onClick={() => void run(format)}>
            {t(`dictionary.export.${format}`)}
          </Button>
        ))}
      </fieldset>
      {save.error && <ErrorNotice error={save.error} urgent />}
    </>
  );
}
