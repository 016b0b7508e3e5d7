/** The curves of a domain: what was measured before and after each version, with one marker a version. */
import type { VNode } from 'preact';
import type { Version } from '../../api/rpc-types.ts';
import { MarkGlyph } from '../../charts/mark-glyph.tsx';
import { type ChartPoint, MarkedChart } from '../../charts/marked-chart.tsx';
import { Panel } from '../../ui/panel.tsx';
import { type CurvePoint, curveOf, curveText, MARK_NAMES } from './version-model.ts';

const HEIGHT = 230;

type Props = {
  readonly domain: string;
  readonly versions: readonly Version[];
  readonly selected: number | null;
  readonly onSelect: (version: number) => void;
};

export function Curves({ domain, versions, selected, onSelect }: Props): VNode {
  const points = curveOf(versions).filter(({ version }) => version > 0);
  const isMeasured = points.some(({ heldOutAfter }) => heldOutAfter !== null);
  return (
    <Panel title="Curves" note="Each version is measured on what its own round drew: compare before with after">
      <p class="lede">{curveText(domain, versions)}</p>
      {isMeasured && (
        <div class="curves">
          <Curve
            name="Loss on what users taught, held out"
            points={points.map((point) => chartPoint(point, 'held-out loss', point.heldOutBefore, point.heldOutAfter))}
            {...{ selected, onSelect }}
          />
          <Curve
            name="Loss on common knowledge"
            points={points.map((point) => chartPoint(point, 'general loss', point.generalBefore, point.generalAfter))}
            {...{ selected, onSelect }}
          />
        </div>
      )}
      <Key />
    </Panel>
  );
}

type CurveProps = Pick<Props, 'selected' | 'onSelect'> & {
  readonly name: string;
  readonly points: readonly ChartPoint[];
};

function Curve({ name, points, selected, onSelect }: CurveProps): VNode {
  return (
    <figure>
      <figcaption class="curves__name">
        {name} <span class="unit">nats a token, lower is better</span>
      </figcaption>
      <MarkedChart
        label={`${name}: a marker for each version`}
        height={HEIGHT}
        points={points}
        selected={selected}
        onSelect={onSelect}
        keyText={(key) => `v${key}`}
      />
    </figure>
  );
}

function chartPoint(
  { version, mark }: CurvePoint,
  what: string,
  before: number | null,
  after: number | null,
): ChartPoint {
  const moved =
    before === null || after === null ? 'not measured' : `${what} ${before.toFixed(3)} to ${after.toFixed(3)}`;
  return {
    key: version,
    before,
    after,
    mark,
    isOnLine: mark === 'accepted' || mark === 'canary',
    label: `Version ${version}, ${MARK_NAMES[mark]}: ${moved}`,
  };
}

function Key(): VNode {
  return (
    <ul class="marker-key">
      {(['accepted', 'canary', 'refused', 'rolledBack'] as const).map((mark) => (
        <li key={mark}>
          <MarkGlyph mark={mark} />
          {MARK_NAMES[mark]}
        </li>
      ))}
      <li>
        <span class="marker-key__before" aria-hidden="true" />
        before the round
      </li>
    </ul>
  );
}
