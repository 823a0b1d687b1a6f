import { type ReactNode, useState } from 'react';
import { Button } from '../../../components/button.tsx';
import { formatMoment } from '../../../format.ts';
import { t } from '../../../i18n/index.ts';
import type { Asked } from '../editor/parameters.ts';
import { Result } from './result.tsx';
import type { Rows } from './run.ts';

/** Results that are kept beside the latest one; the rows of each stay in memory. */
const mostPinned = 8;

interface Pin {
  readonly id: string;
  readonly name: string;
  readonly at: string;
  readonly run: Rows;
  readonly byRun: boolean;
}

export interface Pins {
  readonly pins: readonly Pin[];
  /** The one that is shown in place of the latest result. */
  readonly shown: Pin | null;
  /** `byRun`: it is one of several that were run at once, and makes room for what was pinned, and for the next such run. */
  add(name: string, run: Rows, byRun?: boolean): void;
  /** Those of the last run of several. */
  dropOfRun(): void;
  drop(id: string): void;
  show(id: string | null): void;
}

/** The oldest go first, of those that nobody pinned before the others; the newest stays. */
export function withRoom<P extends { readonly byRun: boolean }>(pins: readonly P[]): readonly P[] {
  if (pins.length <= mostPinned) return pins;
  const goes = pins.slice(0, -1).find(({ byRun }) => byRun) ?? pins[0];
  return withRoom(pins.filter((pin) => pin !== goes));
}

/** Results that stay while other things are asked, for as long as the screen is there. */
export function usePinned(): Pins {
  const [pins, setPins] = useState<readonly Pin[]>([]);
  const [shownId, setShown] = useState<string | null>(null);
  return {
    pins,
    shown: pins.find(({ id }) => id === shownId) ?? null,
    add(name, run, byRun = false) {
      const pin: Pin = { id: run.answer.queryId, name, at: new Date().toISOString(), run, byRun };
      setPins((before) => withRoom([...before.filter(({ id }) => id !== pin.id), pin]));
    },
    drop(id) {
      setPins((before) => before.filter((each) => each.id !== id));
      if (shownId === id) setShown(null);
    },
    dropOfRun: () => setPins((before) => before.filter((each) => !each.byRun)),
    show: setShown,
  };
}

/** What came when it was pinned; nothing more is fetched for it. */
const still = (run: Rows): Rows => ({
  ...run,
  fetching: false,
  error: null,
  end: run.end === 'open' ? 'gone' : run.end,
});

interface PinnedProps {
  readonly pins: Pins;
  readonly onAgain: (statement: Asked) => void;
  readonly children: ReactNode;
}

/** A choice between the latest result and those that are pinned; the latest stays as it is meanwhile. */
export function Pinned({ pins, onAgain, children }: PinnedProps) {
  const { shown } = pins;
  if (pins.pins.length === 0) return children;
  return (
    <>
      <fieldset className="segments query-pins">
        <legend className="visually-hidden">{t('query.pinned')}</legend>
        <button
          type="button"
          className="segment"
          aria-pressed={shown === null}
          onClick={() => pins.show(null)}
        >
          {t('query.current')}
        </button>
        {pins.pins.map(({ id, name, at }) => (
          <button
            key={id}
            type="button"
            className="segment"
            aria-pressed={shown?.id === id}
            onClick={() => pins.show(id)}
          >
            {t('query.pinnedAt', { name, time: formatMoment(at, Date.now()) })}
          </button>
        ))}
      </fieldset>
      {shown ? (
        <Result
          key={shown.id}
          run={still(shown.run)}
          onMore={() => undefined}
          onRest={() => undefined}
          onLimit={() => pins.show(null)}
          onAgain={() => onAgain(shown.run.statement)}
          actions={
            <Button small icon="close" onClick={() => pins.drop(shown.id)}>
              {t('query.unpin')}
            </Button>
          }
        />
      ) : (
        children
      )}
    </>
  );
}
