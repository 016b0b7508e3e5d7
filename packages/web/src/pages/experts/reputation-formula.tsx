/** The formula of a reputation in words and with its numbers, reckoned again here. */
import type { VNode } from 'preact';
import type { ReputationExplanation } from '../../api/rpc-types.ts';
import { Check } from '../../data/check.tsx';
import { plural } from '../../format/numbers.ts';
import { ppmOf, threeDecimals } from '../../format/ratios.ts';
import { Panel } from '../../ui/panel.tsx';
import { meanOf, millionthsText } from './expert-model.ts';

export function ReputationFormula({ explained }: { readonly explained: ReputationExplanation }): VNode {
  const { stored, now, mean, deviation, answers, idleSpells, remains, updatedAt } = explained;
  const [alpha, beta] = [millionthsText(now.alpha), millionthsText(now.beta)];
  return (
    <Panel title="Why it has this reputation">
      <p class="prose">
        Every scored answer adds its score to α and what it lacks of 1 to β; before that, both fade a little, so that
        what was long ago counts less. The mean is α's part of both. The deviation says how little is known: it shrinks
        with every answer.
      </p>
      <dl class="formula">
        <div class="formula__step">
          <dt>Stored</dt>
          <dd>
            α = {millionthsText(stored.alpha)}, β = {millionthsText(stored.beta)}{' '}
            <span class="quiet">
              after {plural(answers, 'answer')},{' '}
              {answers === 0 ? 'as everybody begins' : `the last in block ${updatedAt}`}
            </span>
          </dd>
        </div>
        <div class="formula__step">
          <dt>Counts now</dt>
          <dd>
            α = {alpha}, β = {beta}{' '}
            <span class="quiet">
              {idleSpells === '0'
                ? 'nothing faded: it was not idle'
                : `idle for ${idleSpells} spells, ${threeDecimals(remains)} of it remains`}
            </span>
          </dd>
        </div>
        <div class="formula__step">
          <dt>Mean</dt>
          <dd>
            α ÷ (α + β) = {alpha} ÷ ({alpha} + {beta}) = <strong>{mean}</strong>
          </dd>
        </div>
        <div class="formula__step">
          <dt>Deviation</dt>
          <dd>
            √(αβ ÷ ((α + β)² (α + β + 1))) = <strong>{deviation}</strong>
          </dd>
        </div>
      </dl>
      <ul class="checks">
        <Check
          is={meanOf(now) === ppmOf(mean)}
          yes="Reckoned again here: the mean is right."
          no="Reckoned again here: the mean does not follow from α and β."
        />
      </ul>
    </Panel>
  );
}
