import type { Dataset } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { goesSoon } from '../../watch/state.ts';
import { Button } from '../button.tsx';
import { useNotify, useToldAction } from '../toasts.tsx';

/** Where tables are about to go because nobody uses them: says that somebody still wants them. Nothing otherwise. */
export function KeepTables({ dataset, of }: { readonly dataset: Dataset; readonly of: string }) {
  const notify = useNotify();
  const access = useAccess();
  const now = useNow();
  const keep = useToldAction((client) => client.datasets.keep({ id: dataset.id }));
  if (dataset.job !== null || !goesSoon(dataset, now) || !access.may('read_data')) return null;
  return (
    <Button
      small
      busy={keep.busy}
      aria-label={t('keep.of', { name: of })}
      onClick={async () => {
        if ((await keep.run()) !== undefined) notify.done(t('keep.toast', { name: of }));
      }}
    >
      {t('keep.action')}
    </Button>
  );
}
