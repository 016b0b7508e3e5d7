/** Plots as SVG text: lines over numbers, or bars over names. Owns axes, ticks and colours; the same figures give the same bytes. */

export type Series = { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] };

export type PlotLabels = { readonly title: string; readonly x: string; readonly y: string };

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 70;
const RIGHT = 170;
const TOP = 40;
const BOTTOM = 55;
const TICKS = 5;
/** Told apart by people who do not see all colours (Okabe and Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];

/** One line a series, with its name beside it. */
export function linePlot({ title, x, y }: PlotLabels, series: readonly Series[]): string {
  const points = series.flatMap((one) => one.points);
  const across = scaleOf(
    points.map(([value]) => value),
    [LEFT, WIDTH - RIGHT],
    { fromZero: false },
  );
  const up = scaleOf(
    points.map(([, value]) => value),
    [HEIGHT - BOTTOM, TOP],
    { fromZero: true },
  );
  const lines = series.map(({ points: own }, i) => {
    const path = own.map(([px, py]) => `${round(across.at(px))},${round(up.at(py))}`).join(' ');
    return `<polyline fill="none" stroke="${colour(i)}" stroke-width="2" points="${path}"/>`;
  });
  const ticks = across.ticks.map((value) => text(across.at(value), HEIGHT - BOTTOM + 18, number(value), 'middle'));
  return frame({ title, x, y }, [...gridOf(up), ...ticks, ...lines, ...legendOf(series.map(({ name }) => name))]);
}

/** Groups of bars: `values[i]` has one value for each of `names`. */
export function barPlot(
  labels: PlotLabels,
  names: readonly string[],
  groups: readonly { readonly name: string; readonly values: readonly number[] }[],
): string {
  const up = scaleOf(
    groups.flatMap(({ values }) => values),
    [HEIGHT - BOTTOM, TOP],
    { fromZero: true },
  );
  const room = (WIDTH - LEFT - RIGHT) / Math.max(1, groups.length);
  const bar = (0.8 * room) / Math.max(1, names.length);
  const bars = groups.flatMap(({ name, values }, group) => {
    const start = LEFT + group * room + 0.1 * room;
    const own = values.map((value, i) => {
      const top = up.at(value);
      return `<rect x="${round(start + i * bar)}" y="${round(top)}" width="${round(bar)}" height="${round(HEIGHT - BOTTOM - top)}" fill="${colour(i)}"/>`;
    });
    return [...own, text(start + 0.4 * room, HEIGHT - BOTTOM + 18, name, 'middle')];
  });
  return frame(labels, [...gridOf(up), ...bars, ...legendOf(names)]);
}

type Scale = { readonly ticks: readonly number[]; at(value: number): number };

/** From the values' range, widened to round numbers, to pixels. */
function scaleOf(
  values: readonly number[],
  [from, to]: readonly [number, number],
  { fromZero }: { readonly fromZero: boolean },
): Scale {
  const least = fromZero ? Math.min(0, ...values) : Math.min(...values);
  const most = Math.max(...values);
  const step = roundStep((most - least) / TICKS || 1);
  const start = Math.floor(least / step) * step;
  const end = Math.max(start + step, Math.ceil(most / step) * step);
  const count = Math.round((end - start) / step);
  const ticks = Array.from({ length: count + 1 }, (_, i) => start + i * step);
  return { ticks, at: (value) => from + ((value - start) / (end - start)) * (to - from) };
}

/** The next of 1, 2, 5 times a power of ten. */
function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
}

function frame({ title, x, y }: PlotLabels, inside: readonly string[]): string {
  const middle = (TOP + HEIGHT - BOTTOM) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${LEFT}" y="22" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    ...inside,
    `<line x1="${LEFT}" y1="${HEIGHT - BOTTOM}" x2="${WIDTH - RIGHT}" y2="${HEIGHT - BOTTOM}" stroke="black"/>`,
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 15, x, 'middle'),
    `<text x="18" y="${middle}" text-anchor="middle" transform="rotate(-90 18 ${middle})">${escaped(y)}</text>`,
    '</svg>\n',
  ].join('\n');
}

function gridOf(up: Scale): string[] {
  return up.ticks.flatMap((value) => {
    const at = round(up.at(value));
    const line = `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#ddd"/>`;
    return [line, text(LEFT - 8, at + 4, number(value), 'end')];
  });
}

function legendOf(names: readonly string[]): string[] {
  return names.flatMap((name, i) => {
    const y = TOP + 10 + 20 * i;
    const x = WIDTH - RIGHT + 15;
    return [
      `<rect x="${x}" y="${y - 9}" width="12" height="12" fill="${colour(i)}"/>`,
      text(x + 18, y + 2, name, 'start'),
    ];
  });
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

const colour = (index: number): string => COLOURS[index % COLOURS.length]!;
const round = (value: number): number => Math.round(value * 10) / 10;
const number = (value: number): string => String(Math.round(value * 1e6) / 1e6);
const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
