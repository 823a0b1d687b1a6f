import { useSyncExternalStore } from 'react';

const kept = 'headgate.rail';
/** Below it the rail is small whatever was chosen: the page needs the room. */
const narrow = '(max-width: 900px)';
const told = 'headgate-rail';

const isSmall = (): boolean => matchMedia(narrow).matches || localStorage.getItem(kept) === 'small';

function subscribe(listener: () => void): () => void {
  const query = matchMedia(narrow);
  query.addEventListener('change', listener);
  window.addEventListener(told, listener);
  return () => {
    query.removeEventListener('change', listener);
    window.removeEventListener(told, listener);
  };
}

export interface Rail {
  readonly small: boolean;
  toggle(): void;
}

/** Whether the rail shows icons with their labels below, and the switch between both; kept on this computer. */
export function useRail(): Rail {
  const small = useSyncExternalStore(subscribe, isSmall);
  return {
    small,
    toggle() {
      localStorage.setItem(kept, localStorage.getItem(kept) === 'small' ? 'whole' : 'small');
      window.dispatchEvent(new Event(told));
    },
  };
}
