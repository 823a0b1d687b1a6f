import { memo, type ReactNode, useRef } from 'react';
import { isNumeric } from '../../../preload/contract/query-values.ts';
import { useLanguage } from '../../language.tsx';
import type { Shared } from './row.tsx';

interface HeadProps extends Shared {
  readonly active: number;
  readonly onResize: (column: number, width: number) => void;
  readonly onFit: (column: number) => void;
  readonly content: ((column: number) => ReactNode) | undefined;
  readonly sorted: number | undefined;
  readonly direction: 'up' | 'down' | undefined;
  readonly marked: number | undefined;
  readonly onHead: ((column: number) => void) | undefined;
}

export const Head = memo(function Head(props: HeadProps) {
  useLanguage();
  const { lefts, widths, gutter, total, frozen, first, last } = props;
  const moving: number[] = [];
  for (let at = Math.max(first, frozen); at <= last; at++) moving.push(at);
  const still = Array.from({ length: frozen }, (_, at) => at);
  const end = (lefts[frozen - 1] ?? gutter) + (widths[frozen - 1] ?? 0);
  return (
    // biome-ignore lint/a11y/useSemanticElements: part of the grid
    <div className="result-head" role="rowgroup" style={{ inlineSize: total }}>
      {/* biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: the grid has the focus and names the active cell */}
      <div role="row" aria-rowindex={1}>
        <span className="result-corner" aria-hidden="true" style={{ inlineSize: gutter }} />
        {frozen > 0 && (
          <div
            className="result-frozen result-frozen-head"
            role="presentation"
            style={{ insetInlineStart: gutter, inlineSize: end - gutter }}
          >
            {still.map((at) => (
              <HeadCell key={at} {...props} at={at} start={(lefts[at] ?? 0) - gutter} />
            ))}
          </div>
        )}
        {moving.map((at) => (
          <HeadCell key={at} {...props} at={at} start={lefts[at] ?? 0} />
        ))}
      </div>
    </div>
  );
});

function HeadCell(props: HeadProps & { readonly at: number; readonly start: number }) {
  const { at, start, columns, widths, active, content, sorted, direction, marked, onHead } = props;
  const dragged = useRef<{ from: number; width: number } | null>(null);
  const column = columns[at];
  if (!column) return null;
  const order = sorted !== at ? undefined : direction === 'up' ? 'ascending' : 'descending';
  return (
    // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: the grid has the focus; what a click does its keys do
    <span
      className={`result-column${isNumeric(column.type) ? ' result-number' : ''}${at === active ? ' result-active-column' : ''}${at === marked ? ' result-marked' : ''}`}
      role="columnheader"
      aria-colindex={at + 1}
      aria-sort={order}
      data-head={at}
      title={`${column.name} · ${column.type}`}
      style={{ insetInlineStart: start, inlineSize: widths[at] }}
      onClick={onHead && (() => onHead(at))}
    >
      {content ? (
        content(at)
      ) : (
        <>
          {column.name}
          <span className="grid-type">{column.type}</span>
        </>
      )}
      <span
        className="result-resize"
        aria-hidden="true"
        onClick={(event) => event.stopPropagation()}
        onPointerDown={(event) => {
          event.stopPropagation();
          event.currentTarget.setPointerCapture(event.pointerId);
          dragged.current = { from: event.clientX, width: widths[at] ?? 0 };
        }}
        onPointerMove={({ clientX }) => {
          const drag = dragged.current;
          if (drag) props.onResize(at, drag.width + clientX - drag.from);
        }}
        onPointerUp={() => {
          dragged.current = null;
        }}
        onDoubleClick={() => props.onFit(at)}
      />
    </span>
  );
}
