/**
 * What a proposer gains by withholding its block once it has seen its own beacon output. Production code decides whose turn
 * a round is, what the beacon becomes and whom selection takes; a keyed hash stands in for the VRF, which like it gives one
 * unpredictable output for a key and an input.
 * Run: node bootstrap.mjs run bench/beacon/run.ts [--heights 100000]
 */
import { parseArgs } from 'node:util';
import {
  type Address,
  advanceRotation,
  beaconAlpha,
  beaconOf,
  explainSelection,
  genesisBeacon,
  type Hash,
  hasFailedTurn,
  newQuery,
  PLAIN_TERMS,
  proposerAt,
  type QueryState,
  readParams,
  readValidatorRecord,
  type StateTree,
  sha512,
  taggedHash,
  type ValidatorRecord,
} from '@synod/chain';
import { report } from '../table.ts';
import { attackedState, requester } from './state.ts';

const { values: flags } = parseArgs({ options: { heights: { type: 'string', default: '100000' } } });
const heights = Number(flags.heights);
const shares = [10, 20, 25, 33] as const;
const experts = 10;
const respondents = 2;

/** Patient: withholds only with a key that weighs in full, and proposes honestly until it does again. */
type Conduct = 'honest' | 'withholding' | 'patient';

/** `identities`: validators among which the attacker spreads its stake; they know each other's outputs. */
type Attack = { readonly sharePercent: number; readonly identities: number; readonly conduct: Conduct };

type Outcome = Attack & {
  /** Heights at which the attacker's expert was selected. */
  readonly selected: number;
  /** Blocks that the attacker gave up, each a failed round for everybody. */
  readonly withheld: number;
  /** Heights proposed by the attacker in the end. */
  readonly proposed: number;
  /** Its validators that were down-weighted, summed over the heights. */
  readonly downWeighted: number;
};

type Chain = { readonly state: StateTree; readonly own: ReadonlySet<Address>; readonly expert: Address };

function measure(attack: Attack): Outcome {
  const { state, operators, expert } = attackedState({ ...attack, experts });
  const chain: Chain = { state, own: new Set(operators), expert };
  const params = readParams(state);
  let record = readValidatorRecord(state);
  const everybody = new Set(record.validators.keys());
  let beacon = genesisBeacon(taggedHash('bench/beacon', Uint8Array.of(attack.sharePercent, attack.identities)));
  const sums = { selected: 0, withheld: 0, proposed: 0, downWeighted: 0 };
  for (let height = 1; height <= heights; height++) {
    const query = queryAt(height);
    const { proposer, output, isOwn, isSelected, failed } = decide(chain, { record, beacon, height, query, attack });
    sums.selected += isSelected ? 1 : 0;
    sums.proposed += isOwn ? 1 : 0;
    sums.withheld += failed;
    sums.downWeighted += record.rotation.filter(
      (entry) => chain.own.has(entry.operator) && hasFailedTurn(entry, height),
    ).length;
    beacon = output;
    // Whoever withholds still precommits what the next one proposes, and so counts as present.
    record = advanceRotation(record, params, height, { proposer, signers: everybody });
  }
  return { ...attack, ...sums };
}

type Turn = {
  readonly record: ValidatorRecord;
  readonly beacon: Hash;
  readonly height: number;
  readonly query: QueryState;
  readonly attack: Attack;
};

/** Rounds of one height until a block comes: honest proposers always propose, the attacker when the draw suits it. */
function decide({ state, own, expert }: Chain, { record, beacon, height, query, attack }: Turn) {
  const params = readParams(state);
  const refused = new Set<Address>();
  for (let round = 0; ; round++) {
    const proposer = proposerAt(record, params, height, round);
    const output = beaconOf(outputOf(proposer, beaconAlpha(beacon, height)));
    const isSelected = explainSelection(state, query, output).draws.some(({ chosen }) => chosen === expert);
    const isOwn = own.has(proposer);
    // The output of a key is the same in every round of a height: a second turn of the same key is no second draw.
    const gains = isOwn && !isSelected && !refused.has(proposer) && withholds(attack, record, proposer, height);
    if (!gains) return { proposer, output, isOwn, isSelected, failed: refused.size };
    refused.add(proposer);
  }
}

function withholds({ conduct }: Attack, { rotation }: ValidatorRecord, own: Address, height: number): boolean {
  if (conduct !== 'patient') return conduct === 'withholding';
  return !rotation.some((entry) => entry.operator === own && hasFailedTurn(entry, height));
}

function outputOf(operator: Address, alpha: Uint8Array): Uint8Array {
  return sha512(Buffer.concat([Buffer.from(operator), alpha]));
}

function queryAt(height: number): QueryState {
  const id = taggedHash('bench/query', Buffer.from(String(height)));
  const contract = {
    prompt: 'What is the capital of France?',
    domain: 'general',
    coordinator: requester,
    ...PLAIN_TERMS,
    respondents,
    maxFee: 1_000_000_000n,
    threshold: 300_000,
    basePart: 200_000,
    answerWindow: 6,
    revealWindow: 4,
    scoreWindow: 6,
    scoreRevealWindow: 4,
  };
  return newQuery({ queryId: id, requester, contract, height: height - 1 });
}

const percent = (part: number, whole = heights) => `${((100 * part) / whole).toFixed(2)} %`;
const outcomes = shares.flatMap((sharePercent) =>
  [
    { sharePercent, identities: 1, conduct: 'honest' } as const,
    ...[1, 2, 4].map((identities) => ({ sharePercent, identities, conduct: 'withholding' }) as const),
    ...[1, 4].map((identities) => ({ sharePercent, identities, conduct: 'patient' }) as const),
  ].map(measure),
);
report(
  'beacon',
  outcomes.map(({ sharePercent, identities, conduct, selected, withheld, proposed, downWeighted }) => ({
    figure: `${sharePercent} % of the stake in ${identities} key${identities === 1 ? '' : 's'}, ${conduct}`,
    value: `selected ${percent(selected)}, rounds lost ${percent(withheld)}, own blocks ${percent(proposed)}, down-weighted ${percent(downWeighted, heights * identities)}`,
    goal: `${percent(respondents, experts)} selected`,
    met: null,
  })),
  { heights, experts, respondents, outcomes },
);
