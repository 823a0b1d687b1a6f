import { useCall } from '../../api.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useKept } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href, hrefToColumn } from '../../router.ts';
import { type ListedTable, titleOfTable } from './titles.ts';

const mostHits = 60;

interface FoundProps {
  readonly text: string;
  readonly titles: ReadonlyMap<string, readonly ListedTable[]>;
  readonly onGo: () => void;
}

/** What fits in the questions, names and paths of all tables; each leads to its column. */
export function Found({ text, titles, onGo }: FoundProps) {
  const call = useCall('dictionary.search', { text, limit: mostHits });
  const answer = useKept(call.data);
  const hits = answer?.hits ?? [];
  return (
    <>
      <p className="data-hits" role="status">
        {call.loading && answer === undefined ? t('state.loading') : t('browse.hits', { count: hits.length })}
      </p>
      {call.error && <ErrorNotice error={call.error} />}
      <ul>
        {hits.map((hit, at) => {
          const table = titles.get(hit.datasetId)?.find(({ name }) => name === hit.table);
          const title = hit.description ?? hit.label ?? hit.column ?? titleOfTable(table, hit.table);
          // What a person says of it is in a language that nobody told.
          const lang = hit.description !== null ? undefined : hit.column === null ? table?.lang : hit.lang;
          return (
            <li key={`${hit.datasetId} ${hit.table} ${hit.column}`}>
              <a
                className="data-hit"
                tabIndex={at === 0 ? 0 : -1}
                href={
                  hit.column === null
                    ? href('data', hit.datasetId, hit.table)
                    : hrefToColumn(hit.column, 'data', hit.datasetId, hit.table)
                }
                onClick={onGo}
              >
                <span lang={lang}>{title}</span>
                <span className="cell-note">
                  <span lang={table?.lang}>{titleOfTable(table, hit.table)}</span>
                  {hit.column !== null && (
                    <>
                      {' · '}
                      <span className="code" translate="no">
                        {hit.column}
                      </span>
                    </>
                  )}
                </span>
                <span className="cell-note">
                  {t('dataset.name', { project: hit.projectName, source: hit.sourceName })}
                </span>
              </a>
            </li>
          );
        })}
      </ul>
      {answer?.more && <p className="cell-note data-hits">{t('browse.moreHits')}</p>}
    </>
  );
}
