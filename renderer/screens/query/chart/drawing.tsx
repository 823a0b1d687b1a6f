import { BarChart, LineChart, PieChart, ScatterChart } from 'echarts/charts';
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  LegendScrollComponent,
  TitleComponent,
  TooltipComponent,
} from 'echarts/components';
import { type ECharts, type EChartsCoreOption, init, use } from 'echarts/core';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';

use([
  ...[BarChart, LineChart, PieChart, ScatterChart],
  ...[AriaComponent, GridComponent, LegendComponent, LegendScrollComponent, TitleComponent, TooltipComponent],
  ...[CanvasRenderer, SVGRenderer],
]);

export interface DrawingHandle {
  /** A picture of its own, in base64, twice as fine as a screen. */
  png(option: EChartsCoreOption, size: PictureSize): string;
  svg(option: EChartsCoreOption, size: PictureSize): string;
}

interface PictureSize {
  readonly width: number;
  readonly height: number;
  readonly background: string;
}

export interface DrawingProps {
  readonly option: EChartsCoreOption;
  readonly label: string;
  readonly help: string;
  /** Points that keys go through, and the series that have them. */
  readonly places: number;
  readonly series: number;
  /** What a point says, for those who hear it. */
  readonly say: (place: number, series: number) => string;
  readonly handle: Ref<DrawingHandle>;
}

/** The picture of a result; arrows go from point to point, and each says what it is. */
export function Drawing({ option, label, help, places, series, say, handle }: DrawingProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const [at, setAt] = useState<{ place: number; series: number } | null>(null);

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const made = init(element, null, { renderer: 'canvas' });
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.current = null;
      made.dispose();
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(option, { notMerge: true });
    setAt(null);
  }, [option]);

  useImperativeHandle(
    handle,
    () => ({
      png(picture, { width, height, background }) {
        const made = init(document.createElement('div'), null, { renderer: 'canvas', width, height });
        try {
          made.setOption(picture);
          const url = made.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: background });
          return url.slice(url.indexOf(',') + 1);
        } finally {
          made.dispose();
        }
      },
      svg(picture, { width, height, background }) {
        // As text alone, without a document: the styles of one would be refused.
        const made = init(null, null, { renderer: 'svg', ssr: true, width, height });
        try {
          made.setOption({ ...picture, backgroundColor: background });
          // Styles for a mouse over it, and what a page would find its parts by, are of no use in a file.
          return made
            .renderToSVGString()
            .replace(/<style[\s\S]*?<\/style>/g, '')
            .replace(/ (?:class|ecmeta_\w+)="[^"]*"/g, '');
        } finally {
          made.dispose();
        }
      },
    }),
    [],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    if (places === 0) return;
    const was = at ?? { place: -1, series: 0 };
    const to = {
      ArrowRight: { ...was, place: Math.min(places - 1, was.place + 1) },
      ArrowLeft: { ...was, place: Math.max(0, was.place - 1) },
      Home: { ...was, place: 0 },
      End: { ...was, place: places - 1 },
      ArrowDown: { place: Math.max(0, was.place), series: (was.series + 1) % series },
      ArrowUp: { place: Math.max(0, was.place), series: (was.series + series - 1) % series },
    }[event.key];
    if (!to) {
      if (event.key === 'Escape' && at) {
        chart.current?.dispatchAction({ type: 'hideTip' });
        setAt(null);
        event.preventDefault();
      }
      return;
    }
    event.preventDefault();
    chart.current?.dispatchAction({ type: 'showTip', seriesIndex: to.series, dataIndex: to.place });
    setAt(to);
  };
  return (
    <>
      <div
        className="query-drawing"
        role="img"
        aria-label={`${label}. ${help}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys go through the points, which is the one way to read them without a mouse
        tabIndex={0}
        onKeyDown={onKeyDown}
        ref={host}
      />
      <p className="query-chart-point" role="status" translate="no">
        {at ? say(at.place, at.series) : ''}
      </p>
    </>
  );
}
