import type { EChartsCoreOption } from 'echarts/core';
import type { ChartData } from './drawn.ts';
import type { ChartKind } from './kinds.ts';

/** The colours and letters of the look, as a canvas needs them: resolved for light or dark. */
export interface ChartLook {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  /** The lines that values are read by, fainter than the axes. */
  readonly grid: string;
  readonly surface: string;
  readonly raised: string;
  readonly series: readonly string[];
  readonly font: string;
}

export interface ChartWords {
  readonly number: (value: number) => string;
  /** An instant on an axis that spans so many milliseconds. */
  readonly time: (at: number, span: number) => string;
  /** What the axes stand for. */
  readonly x: string;
  readonly y: string;
  /** Drawn above the chart in a file; null on the screen, which says it elsewhere. */
  readonly title: string | null;
}

const symbols = ['circle', 'triangle', 'rect', 'diamond', 'roundRect', 'pin'] as const;
const dashes = ['solid', 'dashed', 'dotted', [8, 3, 2, 3], [2, 6], [12, 4]] as const;

/** Patterns instead of colours alone, each unlike its neighbour. */
const decals = [
  { symbol: 'rect', symbolSize: 0 },
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4 },
  {
    symbol: 'circle',
    symbolSize: 0.8,
    dashArrayX: [
      [6, 6],
      [0, 6, 6, 0],
    ],
    dashArrayY: [6, 0],
  },
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [4, 3], rotation: Math.PI / 4 },
  {
    symbol: 'triangle',
    symbolSize: 0.9,
    dashArrayX: [
      [9, 9],
      [0, 9, 9, 0],
    ],
    dashArrayY: [8, 2],
  },
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [1, 5], rotation: 0 },
] as const;

const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

/** What ECharts draws of the data; `patterns` for those who do not tell the colours apart. */
export function optionOf(
  kind: ChartKind,
  data: ChartData,
  look: ChartLook,
  words: ChartWords,
  patterns: boolean,
): EChartsCoreOption {
  const many = data.series.length > 1;
  const span = Math.max(1, (data.at.at(-1) ?? 0) - (data.at[0] ?? 0));
  const number = (value: unknown): string => (typeof value === 'number' ? words.number(value) : '–');
  const decal = patterns
    ? decals.map((each) => ({ color: look.surface, backgroundColor: 'transparent', ...each }))
    : [];
  const base: EChartsCoreOption = {
    // The picture changes at once: nobody waits for bars to grow.
    animation: false,
    useUTC: true,
    color: [...look.series],
    textStyle: { fontFamily: look.font, color: look.text },
    aria: { enabled: true, label: { enabled: false }, decal: { show: patterns, decals: decal } },
    ...(words.title === null
      ? {}
      : {
          title: {
            text: words.title,
            left: 8,
            top: 6,
            textStyle: { color: look.text, fontSize: 14, fontWeight: 600, fontFamily: look.font },
          },
        }),
    tooltip: {
      // Drawn on the canvas: one of HTML has styles of its own, which the policy of the page refuses.
      renderMode: 'richText',
      trigger: kind === 'pie' || kind === 'scatter' ? 'item' : 'axis',
      confine: true,
      backgroundColor: look.raised,
      borderColor: look.line,
      textStyle: { color: look.text, fontFamily: look.font, fontSize: 12 },
      valueFormatter: number,
    },
  };
  const top = (many && kind !== 'pie' ? 34 : 16) + (words.title === null ? 0 : 26);
  const legend = {
    type: 'scroll',
    top: words.title === null ? 4 : 32,
    textStyle: { color: look.text },
    pageTextStyle: { color: look.text },
    pageIconColor: look.text,
    pageIconInactiveColor: look.line,
    itemHeight: 12,
    formatter: (name: string) => shortened(name, 40),
  } as const;
  if (kind === 'pie') return { ...base, ...pieOf(data, look, number, top) };
  const isValueAxis = data.axis !== 'name';
  const axis = {
    axisLine: { lineStyle: { color: look.line } },
    axisTick: { lineStyle: { color: look.line } },
    splitLine: { lineStyle: { color: look.grid } },
    nameTextStyle: { color: look.muted, fontFamily: look.font },
  };
  const nameOfX = { name: shortened(words.x, 60), nameLocation: 'middle', nameGap: 34 } as const;
  const xAxis = isValueAxis
    ? {
        ...axis,
        ...nameOfX,
        type: data.axis === 'time' ? 'time' : 'value',
        scale: true,
        splitLine: { show: false },
        axisLabel: {
          color: look.muted,
          hideOverlap: true,
          formatter: (at: number) => (data.axis === 'time' ? words.time(at, span) : words.number(at)),
        },
        axisPointer: {
          label: {
            formatter: ({ value }: { value: unknown }) =>
              data.axis === 'time' ? words.time(Number(value), 0) : words.number(Number(value)),
          },
        },
      }
    : {
        ...axis,
        ...nameOfX,
        nameGap: data.labels.length > 8 ? 78 : 34,
        type: 'category',
        data: [...data.labels],
        splitLine: { show: false },
        axisLabel: {
          color: look.muted,
          hideOverlap: true,
          rotate: data.labels.length > 8 ? 35 : 0,
          ...(data.labels.length > 8 ? {} : { width: 110, overflow: 'truncate' }),
          formatter: (label: string) => shortened(label, 18),
        },
      };
  const yAxis = {
    ...axis,
    type: 'value',
    scale: kind === 'scatter',
    name: many ? '' : shortened(words.y, 40),
    nameLocation: 'middle',
    nameGap: 58,
    axisLabel: { color: look.muted, formatter: (value: number) => words.number(value) },
  };
  const isDense = data.labels.length > 120;
  const points = (values: readonly (number | null)[]) =>
    isValueAxis ? values.map((value, n) => [data.at[n] ?? null, value]) : [...values];
  const series = data.series.map(({ name, values }, n) => {
    const symbol = symbols[n % symbols.length];
    const common = { name, data: points(values) };
    if (kind === 'scatter') {
      return {
        ...common,
        type: 'scatter',
        symbol,
        symbolSize: values.length > 1000 ? 5 : 8,
        itemStyle: { opacity: 0.75 },
      };
    }
    if (kind === 'line') {
      return {
        ...common,
        ...{
          type: 'line',
          symbol,
          symbolSize: 7,
          showSymbol: !isDense || values.filter((each) => each !== null).length < 2,
        },
        lineStyle: { width: 2, type: many && patterns ? dashes[n % dashes.length] : 'solid' },
      };
    }
    return {
      ...common,
      type: 'bar',
      ...(kind === 'histogram' ? { barCategoryGap: '4%' } : { barMaxWidth: 56 }),
    };
  });
  return {
    ...base,
    ...(many ? { legend } : {}),
    grid: { left: 78, right: 28, top, bottom: isValueAxis || data.labels.length <= 8 ? 56 : 98 },
    xAxis,
    yAxis,
    series,
  };
}

function pieOf(
  data: ChartData,
  look: ChartLook,
  number: (value: unknown) => string,
  top: number,
): EChartsCoreOption {
  const values = data.series[0]?.values ?? [];
  return {
    series: [
      {
        name: data.series[0]?.name ?? '',
        type: 'pie',
        top,
        radius: ['0%', '70%'],
        // A slice below nothing can't be drawn; the table has it.
        data: data.labels.flatMap((name, n) => {
          const value = values[n] ?? null;
          return value !== null && value > 0 ? [{ name, value }] : [];
        }),
        itemStyle: { borderColor: look.surface, borderWidth: 2 },
        label: {
          color: look.text,
          lineHeight: 17,
          formatter: ({ name, value, percent }: { name: string; value: unknown; percent?: number }) =>
            `${shortened(name, 28)}\n${number(value)} · ${number(Math.round((percent ?? 0) * 10) / 10)} %`,
        },
        labelLine: { lineStyle: { color: look.muted } },
      },
    ],
  };
}
