import { useSyncExternalStore } from 'react';

/** How close together things stand, from the most air to the most lines. */
export const densities = ['comfortable', 'normal', 'compact'] as const;
export type Density = (typeof densities)[number];

const kept = 'headgate.density';
const told = 'headgate-density';

/** As it was chosen on this computer; normal where nothing was. */
export function densityOf(): Density {
  const written = localStorage.getItem(kept);
  return densities.find((each) => each === written) ?? 'normal';
}

/** The styles go by it: before the first drawing, so that nothing jumps. */
export function showDensity(): void {
  const density = densityOf();
  if (density === 'normal') delete document.documentElement.dataset['density'];
  else document.documentElement.dataset['density'] = density;
}

/** Keeps the choice on this computer and shows it at once, in all of its windows. */
export function chooseDensity(density: Density): void {
  localStorage.setItem(kept, density);
  showDensity();
  window.dispatchEvent(new Event(told));
}

function subscribe(listener: () => void): () => void {
  // Another window of this computer says it by `storage`.
  const other = (event: StorageEvent): void => {
    if (event.key !== kept) return;
    showDensity();
    listener();
  };
  window.addEventListener(told, listener);
  window.addEventListener('storage', other);
  return () => {
    window.removeEventListener(told, listener);
    window.removeEventListener('storage', other);
  };
}

export function useDensity(): Density {
  return useSyncExternalStore(subscribe, densityOf);
}

/** No row is lower: what is in it is pressed. In pixels. */
const lowest = 24;
const steps: Readonly<Record<Density, number>> = { comfortable: 8, normal: 0, compact: -6 };

/** The height of a row of a grid, in pixels, of one that is so high normally. */
export const rowHeightAt = (density: Density, normal: number): number =>
  Math.max(lowest, normal + steps[density]);
