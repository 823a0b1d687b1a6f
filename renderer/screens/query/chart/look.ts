import { useEffect, useState } from 'react';
import { useTheme } from '../../../theme.tsx';
import type { ChartLook } from './option.ts';

const seriesTokens = Array.from({ length: 8 }, (_, at) => `--chart-${at + 1}`);

/** The tokens as the page has them now: a canvas knows no custom properties, and none of them is resolved until it is used. */
function readLook(): ChartLook {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  try {
    const of = (token: string): string => {
      probe.style.color = `var(${token})`;
      return getComputedStyle(probe).color;
    };
    return {
      ...{ text: of('--text'), muted: of('--muted'), line: of('--line-strong'), grid: of('--line') },
      ...{ surface: of('--surface'), raised: of('--raised') },
      series: seriesTokens.map(of),
      // A picture as text puts it between double quotes as it is.
      font: getComputedStyle(document.body).fontFamily.replaceAll('"', "'"),
    };
  } finally {
    probe.remove();
  }
}

/** The colours of a chart, read again when the look changes. */
export function useChartLook(): ChartLook | null {
  const [theme] = useTheme();
  const [look, setLook] = useState<ChartLook | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tokens mean something else in another theme
  useEffect(() => {
    const read = (): void => setLook(readLook());
    read();
    const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'].map((each) =>
      matchMedia(each),
    );
    for (const query of queries) query.addEventListener('change', read);
    return () => {
      for (const query of queries) query.removeEventListener('change', read);
    };
  }, [theme]);
  return look;
}
