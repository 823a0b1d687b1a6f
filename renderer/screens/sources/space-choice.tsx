import { useEffect, useState } from 'react';
import type { Discovery, Source } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { OldTablesField, useOldTables } from '../../components/data/old-tables.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { RadioField, TextField } from '../../components/fields.tsx';
import { SkeletonRows } from '../../components/page.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';

/** From here on a list of radio buttons is too long to look through without a filter. */
const many = 8;

/** After a sign-in: which of the project spaces that the account can see should be read. */
export function SpaceChoice({ source, onClose }: { source: Source; onClose: () => void }) {
  const notify = useNotify();
  const [found, setFound] = useState<Discovery | null>(null);
  const [chosen, setChosen] = useState('');
  const [filter, setFilter] = useState('');
  const discover = useAction((client, signal) => client.sources.discover({ id: source.id }, { signal }));
  const isElsewhere = chosen !== '' && chosen !== (source.settings['domain'] ?? '');
  const old = useOldTables(isElsewhere ? { sourceId: source.id } : null);
  const save = useAction((client) =>
    client.sources.update({
      ...{ id: source.id, settings: { ...source.settings, domain: chosen } },
      ...old.given,
    }),
  );
  const look = async () => {
    const answer = await discover.run();
    if (!answer) return;
    setFound(answer);
    const only = answer.spaces.length === 1 ? answer.spaces[0] : undefined;
    if (only) setChosen(only.value);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once when it opens
  useEffect(() => {
    void look();
  }, []);
  const submit = async () => {
    if (chosen === '') return;
    if (await save.run()) {
      notify.done(t('sources.spaceSaved', { name: chosen }));
      onClose();
    }
  };
  const wanted = filter.trim().toLowerCase();
  const options = found?.spaces.filter((space) =>
    `${space.label} ${space.value}`.toLowerCase().includes(wanted),
  );
  return (
    <Panel
      open
      title={t('sources.spaceTitle')}
      {...(found ? { lead: t('sources.spaceLead', { account: found.account }) } : {})}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {t('sources.spaceLater')}
          </Button>
          <Button
            tone="primary"
            type="submit"
            busy={save.busy}
            blocked={chosen === '' ? t('sources.spaceFirst') : undefined}
          >
            {t('sources.spaceUse')}
          </Button>
        </>
      }
    >
      <div className="form">
        {discover.busy && <SkeletonRows rows={3} label={t('sources.spaceLoading')} />}
        {discover.error && (
          <ErrorNotice
            error={discover.error}
            urgent
            actions={
              <Button small onClick={() => void look()}>
                {t('action.tryAgain')}
              </Button>
            }
          />
        )}
        {save.error && <ErrorNotice error={save.error} urgent />}
        {found?.spaces.length === 0 && (
          <Note tone="warn">{t('sources.spaceNone', { account: found.account })}</Note>
        )}
        {found && found.spaces.length > many && (
          <TextField label={t('sources.spaceFilter')} type="search" value={filter} onChange={setFilter} />
        )}
        {options && options.length > 0 && (
          <RadioField
            legend={t('sources.spaceLegend')}
            value={chosen}
            options={options.map((space) => ({
              value: space.value,
              label: space.label,
              ...(space.label === space.value ? {} : { help: space.value }),
            }))}
            onChange={setChosen}
          />
        )}
        <OldTablesField {...old} />
      </div>
    </Panel>
  );
}
