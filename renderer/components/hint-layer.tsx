import { Tooltip } from '@base-ui/react/tooltip';
import { useEffect, useState } from 'react';

/** So long, in milliseconds, the pointer rests on something before its hint is shown, and may be away on its way to the hint. */
const [restMs, wayMs] = [350, 120];

interface Shown {
  readonly anchor: HTMLElement;
  readonly text: string;
  readonly side: 'top' | 'right' | 'bottom';
}

const anchorOf = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>('[data-hint]') : null;

function shownAt(anchor: HTMLElement): Shown | null {
  const { hint, hintSide } = anchor.dataset;
  if (hint === undefined || !anchor.isConnected) return null;
  return { anchor, text: hint, side: hintSide === 'right' || hintSide === 'bottom' ? hintSide : 'top' };
}

/**
 * The one hint that is shown, of whatever has a `data-hint`: screens have hundreds of things with a hint, and each of them
 * with a popup of its own would cost more than all else that is drawn. It is there while the pointer is on its thing or on
 * itself, or its thing has the focus by keyboard; Escape closes it.
 */
export function HintLayer() {
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    let timer = 0;
    let current: HTMLElement | null = null;
    const close = (): void => {
      clearTimeout(timer);
      current = null;
      setShown(null);
    };
    const open = (anchor: HTMLElement, after: number): void => {
      clearTimeout(timer);
      current = anchor;
      if (after === 0) setShown(shownAt(anchor));
      else timer = window.setTimeout(() => setShown(shownAt(anchor)), after);
    };
    const over = ({ target, pointerType }: PointerEvent): void => {
      if (pointerType === 'touch') return;
      const anchor = anchorOf(target);
      if (anchor) {
        if (anchor !== current) setShown(null);
        open(anchor, restMs);
        return;
      }
      clearTimeout(timer);
      const isOnHint = target instanceof Element && target.closest('.tooltip') !== null;
      const hasFocus = document.activeElement === current && current?.matches(':focus-visible');
      if (current && !isOnHint && !hasFocus) timer = window.setTimeout(close, wayMs);
    };
    const focused = ({ target }: FocusEvent): void => {
      const anchor = anchorOf(target);
      if (anchor?.matches(':focus-visible')) open(anchor, 0);
    };
    const left = ({ target }: FocusEvent): void => {
      if (current && anchorOf(target) === current) close();
    };
    const key = ({ key: name }: KeyboardEvent): void => {
      if (name === 'Escape') close();
    };
    // What it belongs to is gone, or says something else by now.
    const watcher = new MutationObserver(() => {
      if (!current) return;
      if (!current.isConnected) close();
      else
        setShown((before) =>
          before === null || before.text === before.anchor.dataset['hint'] ? before : shownAt(before.anchor),
        );
    });
    watcher.observe(document.body, {
      ...{ childList: true, subtree: true, attributes: true, attributeFilter: ['data-hint'] },
    });
    const listeners = [
      ['pointerover', over],
      ['pointerdown', close],
      ['focusin', focused],
      ['focusout', left],
      ['keydown', key],
    ] as const;
    for (const [name, act] of listeners) document.addEventListener(name, act as EventListener, true);
    document.documentElement.addEventListener('pointerleave', close);
    return () => {
      clearTimeout(timer);
      watcher.disconnect();
      for (const [name, act] of listeners) document.removeEventListener(name, act as EventListener, true);
      document.documentElement.removeEventListener('pointerleave', close);
    };
  }, []);
  return (
    <Tooltip.Root open={shown !== null}>
      <Tooltip.Portal>
        <Tooltip.Positioner
          anchor={shown?.anchor ?? null}
          side={shown?.side ?? 'top'}
          sideOffset={6}
          className="tooltip-positioner"
        >
          <Tooltip.Popup className="tooltip">{shown?.text}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
