import { useState } from 'react';
import type { DictionaryHits } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Breakable } from '../../components/breakable.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { t } from '../../i18n/index.ts';
import { href, hrefToColumn } from '../../router.ts';

/** Looks for the words in the questions and descriptions of everything that this person may see. */
export function Everywhere({ text, onOpen }: { text: string; onOpen: () => void }) {
  const [found, setFound] = useState<DictionaryHits | null>(null);
  const search = useAction((client, signal) =>
    client.dictionary.search({ text: text.slice(0, 200) }, { signal }),
  );
  const run = async (): Promise<void> => setFound((await search.run()) ?? null);
  return (
    <div className="everywhere">
      {found === null ? (
        <Button busy={search.busy} onClick={() => void run()}>
          {t('dictionary.everywhere')}
        </Button>
      ) : (
        <>
          <h3 role="status">{t('dictionary.everywhereHits', { count: found.hits.length })}</h3>
          {found.hits.length > 0 && (
            <ul className="table-wrap">
              {found.hits.map((hit) => (
                <li className="everywhere-hit" key={`${hit.datasetId} ${hit.table} ${hit.column}`}>
                  <a
                    className="code"
                    translate="no"
                    href={
                      hit.column === null
                        ? href('data', hit.datasetId, hit.table)
                        : hrefToColumn(hit.column, 'data', hit.datasetId, hit.table)
                    }
                    onClick={onOpen}
                  >
                    <Breakable text={hit.column === null ? hit.table : `${hit.table}.${hit.column}`} />
                  </a>
                  <span lang={hit.description === null ? hit.lang : undefined}>
                    {hit.description ?? hit.label ?? hit.sourcePath}
                  </span>
                  <span className="muted">
                    {t('dataset.name', { project: hit.projectName, source: hit.sourceName })}
                  </span>
                </li>
              ))}
            </ul>
          )}
          {found.more && <p className="muted">{t('dictionary.everywhereMore')}</p>}
        </>
      )}
      {search.error && <ErrorNotice error={search.error} urgent />}
    </div>
  );
}
