import { useEffect, useMemo, useRef, useState } from 'react';
import type { Input, Output } from '../../../preload/contract/methods.ts';
import { useApi, useCall } from '../../api.ts';
import { createPages, type Pages } from '../../components/grid/pages.ts';

/** Values of a page; a wide table has fewer rows in one. */
const valuesOfPage = 12_000;
const fewestRows = 25;
const mostRows = 200;

export type RowsInput = Omit<Input<'datasets.rows'>, 'from' | 'limit'>;
export type FirstPage = Output<'datasets.rows'>;

export interface Rows {
  readonly first: FirstPage;
  readonly pages: Pages;
  /** What is published by now is newer than what is shown. */
  readonly isOld: boolean;
  /** Shows what is published now, from the beginning. */
  renew(): void;
}

/**
 * The rows of a table: the first page as it is known from the last look, at once, and the others as they are scrolled to. What is
 * published meanwhile replaces what is seen only while one is at its beginning; further down it is told.
 */
export function useRows(input: RowsInput, columns: number) {
  const limit = Math.max(fewestRows, Math.min(mostRows, Math.floor(valuesOfPage / Math.max(1, columns))));
  const asked = { ...input, limit };
  const call = useCall('datasets.rows', asked);
  const { client } = useApi();
  const [, redraw] = useState(0);
  const key = JSON.stringify(asked);
  const [base, setBase] = useState<{ key: string; page: FirstPage } | null>(null);
  const newest = call.data;
  const top = useRef(true);
  // What is under the eyes of somebody who scrolled down stays until they want the new.
  const isOther = newest !== undefined && (base === null || base.key !== key);
  const isNewer =
    newest !== undefined && base !== null && base.key === key && base.page.version !== newest.version;
  const shown = isOther || (isNewer && top.current) ? newest : base?.key === key ? base.page : newest;
  useEffect(() => {
    if (shown && (base?.key !== key || base.page.version !== shown.version)) setBase({ key, page: shown });
  }, [shown, key, base]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for what is asked, the version for the page
  const pages = useMemo(() => {
    top.current = true;
    if (!shown) return null;
    return createPages({
      width: shown.columns.length,
      first: shown,
      size: limit,
      ask: (from, rows) =>
        client.datasets.rows({
          ...{ ...input, limit: rows },
          from: from && 'key' in from ? { ...from, key: [...from.key] } : from,
        }),
      onChange: () => redraw((n) => n + 1),
    });
  }, [key, shown?.version, client]);
  const rows: Rows | null =
    shown && pages
      ? {
          first: shown,
          pages,
          isOld: pages.state === 'outdated' || (newest !== undefined && newest.version !== shown.version),
          renew() {
            setBase(null);
            call.reload();
          },
        }
      : null;
  return { call, rows, atTop: (is: boolean) => (top.current = is) };
}
