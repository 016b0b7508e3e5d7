/**
 * A chart of values before and after by version, with a marker for each. uPlot draws axes, grid, stems and the line; markers are buttons above it, so
 * that they can be reached by keyboard, named, and looked at in any contrast. Owns no words: the page says the same in text and table.
 */
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './charts.css';
import { type Glyph, MarkGlyph } from './mark-glyph.tsx';
import { tokenColours } from './token-colours.ts';

export type ChartPoint = {
  readonly key: number;
  /** Null where nothing was measured: no marker. */
  readonly before: number | null;
  readonly after: number | null;
  readonly mark: Glyph;
  /** Whether the line leads through it. */
  readonly isOnLine: boolean;
  readonly label: string;
};

type Props = {
  readonly points: readonly ChartPoint[];
  readonly selected: number | null;
  readonly onSelect: (key: number) => void;
  readonly height: number;
  readonly keyText: (key: number) => string;
  readonly label: string;
};

export function MarkedChart({ points, selected, onSelect, height, keyText, label }: Props): VNode {
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(points);
  latest.current = points;
  const plot = useRef<UPlot | null>(null);
  const [places, setPlaces] = useState<readonly Place[]>([]);
  const data = JSON.stringify(points.map(({ key, before, after, isOnLine }) => [key, before, after, isOnLine]));

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const draw = (width: number) => {
      plot.current?.destroy();
      const onDrawn = (drawn: UPlot) => setPlaces(placesOf(drawn, latest.current));
      plot.current = new UPlot(
        options({ width, height, points: latest, keyText, onDrawn }),
        dataOf(latest.current),
        element,
      );
    };
    const observer = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0 && width !== plot.current?.width) draw(width);
    });
    observer.observe(element);
    const redraw = () => plot.current !== null && draw(plot.current.width);
    const themes = new MutationObserver(redraw);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', redraw);
    return () => {
      observer.disconnect();
      themes.disconnect();
      scheme.removeEventListener('change', redraw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [height]);

  useEffect(() => {
    if (plot.current === null) return;
    plot.current.setData(dataOf(latest.current));
  }, [data]);

  return (
    <fieldset class="marked-chart" aria-label={label}>
      <div ref={box} class="marked-chart__plot" aria-hidden="true" style={{ minHeight: `${height}px` }} />
      {points.map((point) => {
        const place = places.find(({ key }) => key === point.key);
        if (place === undefined || point.after === null) return null;
        return (
          <button
            key={point.key}
            type="button"
            class="marker"
            aria-pressed={selected === point.key}
            aria-label={point.label}
            title={point.label}
            style={{ left: `${place.x}px`, top: `${place.y}px` }}
            onClick={() => onSelect(point.key)}
          >
            <MarkGlyph mark={point.mark} />
          </button>
        );
      })}
    </fieldset>
  );
}

type Place = { readonly key: number; readonly x: number; readonly y: number };

/** Where each marker stands within the chart, in CSS pixels. */
function placesOf(plot: UPlot, points: readonly ChartPoint[]): readonly Place[] {
  const { offsetLeft, offsetTop } = plot.over;
  return points.flatMap(({ key, after }) =>
    after === null ? [] : [{ key, x: offsetLeft + plot.valToPos(key, 'x'), y: offsetTop + plot.valToPos(after, 'y') }],
  );
}

/** Versions, values before, values after, and the line through those that were taken up. */
function dataOf(points: readonly ChartPoint[]): UPlot.AlignedData {
  return [
    points.map(({ key }) => key),
    points.map(({ before }) => before),
    points.map(({ after }) => after),
    points.map(({ after, isOnLine }) => (isOnLine ? after : null)),
  ];
}

function options(given: {
  readonly width: number;
  readonly height: number;
  readonly points: { readonly current: readonly ChartPoint[] };
  readonly keyText: (key: number) => string;
  /** Told when positions are known, and after every change. */
  readonly onDrawn: (plot: UPlot) => void;
}): UPlot.Options {
  const [line, faint, accent, panel] = tokenColours('--line', '--ink-faint', '--accent', '--panel');
  const font = `12px ${getComputedStyle(document.documentElement).getPropertyValue('--sans')}`;
  const axis: UPlot.Axis = { stroke: faint, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  return {
    width: given.width,
    height: given.height,
    padding: [14, 16, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: (_, least, most) => [least - 0.5, most + 0.5] },
      y: { range: (_, least, most) => yRange(least, most) },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000],
        values: (_, keys) => keys.map((key) => (has(given.points.current, key) ? given.keyText(key) : '')),
      },
      { ...axis, size: 52, values: (_, values) => values.map((value) => value.toFixed(2)) },
    ],
    series: [
      {},
      { stroke: faint, paths: () => null, points: { show: true, size: 7, width: 1.5, fill: panel } },
      { paths: () => null, points: { show: false } },
      { stroke: accent, width: 2, spanGaps: true, points: { show: false } },
    ],
    hooks: { drawAxes: [(plot) => drawStems(plot, given.points.current, faint)], draw: [given.onDrawn] },
  };
}

function has(points: readonly ChartPoint[], wanted: number): boolean {
  return points.some(({ key }) => key === wanted);
}

const ROOM = 0.12;
const LEAST_SPAN = 0.1;

/** A little room around the values; one value alone gets some on either side. Losses are never below zero. */
function yRange(least: number | null, most: number | null): UPlot.Range.MinMax {
  if (least === null || most === null) return [0, 1];
  const room = Math.max((most - least) * ROOM, LEAST_SPAN / 2);
  return [Math.max(0, least - room), most + room];
}

/** A thin line from before to after. */
function drawStems(plot: UPlot, points: readonly ChartPoint[], colour: string): void {
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const { key, before, after } of points) {
    if (before === null || after === null) continue;
    const x = plot.valToPos(key, 'x', true);
    ctx.beginPath();
    ctx.moveTo(x, plot.valToPos(before, 'y', true));
    ctx.lineTo(x, plot.valToPos(after, 'y', true));
    ctx.stroke();
  }
  ctx.restore();
}
