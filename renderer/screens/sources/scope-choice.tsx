import { useEffect, useState } from 'react';
import type { Discovery, Source, SourceTypeInfo } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { OldTablesField, useOldTables } from '../../components/data/old-tables.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { RadioField, TextField } from '../../components/fields.tsx';
import { SkeletonRows } from '../../components/page.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { scopeOf } from '../../source-kinds.ts';

/** From here on a list of radio buttons is too long to look through without a filter. */
const many = 8;

interface ScopeChoiceProps {
  readonly source: Source;
  readonly types: readonly SourceTypeInfo[];
  readonly onClose: () => void;
}

/** After a sign-in: what of all that the account can see should be read. */
export function ScopeChoice({ source, types, onClose }: ScopeChoiceProps) {
  const scope = scopeOf(types.find((each) => each.type === source.sourceType));
  const setting = scope?.name ?? '';
  const what = sentence(scope?.label);
  const notify = useNotify();
  const [found, setFound] = useState<Discovery | null>(null);
  const [chosen, setChosen] = useState('');
  const [filter, setFilter] = useState('');
  const discover = useAction((client, signal) => client.sources.discover({ id: source.id }, { signal }));
  const isElsewhere = chosen !== '' && chosen !== (source.settings[setting] ?? '');
  const old = useOldTables(isElsewhere ? { sourceId: source.id } : null);
  const save = useAction((client) =>
    client.sources.update({
      ...{ id: source.id, settings: { ...source.settings, [setting]: chosen } },
      ...old.given,
    }),
  );
  const look = async () => {
    const answer = await discover.run();
    if (!answer) return;
    setFound(answer);
    const only = answer.scopes.length === 1 ? answer.scopes[0] : undefined;
    if (only) setChosen(only.value);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once when it opens
  useEffect(() => {
    void look();
  }, []);
  const submit = async () => {
    if (chosen === '') return;
    if (await save.run()) {
      const label = found?.scopes.find((each) => each.value === chosen)?.label;
      notify.done(t('sources.scopeSaved', { name: label ?? chosen }));
      onClose();
    }
  };
  const wanted = filter.trim().toLowerCase();
  const options = found?.scopes.filter((each) =>
    `${each.label} ${each.value}`.toLowerCase().includes(wanted),
  );
  return (
    <Panel
      open
      title={t('sources.scopeTitle', { what })}
      {...(found ? { lead: t('sources.scopeLead', { account: found.account }) } : {})}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {t('sources.scopeLater')}
          </Button>
          <Button
            tone="primary"
            type="submit"
            busy={save.busy}
            blocked={chosen === '' ? t('sources.scopeFirst') : undefined}
          >
            {t('sources.scopeUse')}
          </Button>
        </>
      }
    >
      <div className="form">
        {discover.busy && <SkeletonRows rows={3} label={t('sources.scopeLoading')} />}
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
        {found?.scopes.length === 0 && (
          <Note tone="warn">{t('sources.scopeNone', { account: found.account })}</Note>
        )}
        {found && found.scopes.length > many && (
          <TextField label={t('sources.scopeFilter')} type="search" value={filter} onChange={setFilter} />
        )}
        {options && options.length > 0 && (
          <RadioField
            legend={what}
            value={chosen}
            options={options.map(({ value, label }) => ({
              ...{ value, label },
              ...(label === value ? {} : { help: value }),
            }))}
            onChange={setChosen}
          />
        )}
        <OldTablesField {...old} />
      </div>
    </Panel>
  );
}
