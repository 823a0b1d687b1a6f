import { useState } from 'react';
import type { OldTables } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { Note } from '../error-notice.tsx';
import { RadioField } from '../fields.tsx';

const choices = ['keep', 'drop'] as const;

/** Tables that are named; of more than these their number tells enough. */
const mostNamed = 3;

/**
 * What a change leaves behind, and what becomes of it, where it leaves something. `of` is what changes; null while nothing
 * does. `given` goes along with the change.
 */
export function useOldTables(of: { projectId: string } | { linkId: string } | { sourceId: string } | null) {
  const left = useCall('kept.wouldBe', of).data ?? [];
  const [oldTables, choose] = useState<OldTables>('keep');
  return { left, oldTables, choose, given: left.length === 0 ? {} : { oldTables } };
}

export function OldTablesField({ left, oldTables, choose }: ReturnType<typeof useOldTables>) {
  if (left.length === 0) return null;
  const rows = left.reduce((sum, each) => sum + each.rows, 0);
  const more = left.length - mostNamed;
  return (
    <>
      <Note tone="info">
        <p>{t('oldTables.left', { schemas: left.length, rows, database: left[0]?.connectionName ?? '' })}</p>
        <ul>
          {left.slice(0, mostNamed).map((each) => (
            <li key={each.datasetId}>
              <code translate="no">{each.schemaName}</code>
              {each.personName !== null && ` (${t('kept.of', { name: each.personName })})`}
            </li>
          ))}
          {more > 0 && <li>{t('oldTables.more', { count: more })}</li>}
        </ul>
      </Note>
      <RadioField
        legend={t('oldTables.legend')}
        value={oldTables}
        onChange={choose}
        options={choices.map((value) => ({
          value,
          label: t(`oldTables.${value}`),
          help: t(`oldTables.${value}Help`),
        }))}
      />
    </>
  );
}
