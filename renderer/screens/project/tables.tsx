import { useState } from 'react';
import { Empty, SkeletonRows } from '../../components/page.tsx';
import { fold } from '../../fold.ts';
import { t } from '../../i18n/index.ts';
import type { TabProps } from './tab-props.ts';
import { TableList, useTables } from './table-list.tsx';

/** Every table of the project. */
export function Tables({ project, links }: TabProps) {
  const [text, setText] = useState('');
  const tables = useTables(project.id, links);
  if (!tables) return <SkeletonRows label={t('state.loading')} />;
  if (tables.length === 0)
    return (
      <Empty icon="table" title={t('project.noTables')}>
        {t('project.noTablesText')}
      </Empty>
    );
  const wanted = fold(text);
  const found = tables.filter(
    ({ name, title }) => fold(name).includes(wanted) || fold(title ?? '').includes(wanted),
  );
  return (
    <>
      <label className="field project-find">
        <span className="visually-hidden">{t('project.findTable')}</span>
        <input
          type="search"
          className="input"
          value={text}
          placeholder={t('project.findTable')}
          onChange={({ target }) => setText(target.value)}
        />
      </label>
      <p role="status" className="muted">
        {t('project.tableCount', { count: found.length })}
      </p>
      {found.length > 0 && <TableList tables={found} withSource={links.length > 1} />}
    </>
  );
}
