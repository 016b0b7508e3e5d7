/**
 * A market on a chain without a network: the questions of market-lives.ts and what market-experts.ts has experts do, each at its height. Owns the order
 * of a block's doings; the books of ledger-model.ts judge every block.
 */
import { type ExtensionItem, type Genesis, readSupply } from '@synod/chain';
import { HistoryChain, type Said } from './history-chain.ts';
import { type KeyPair, keyPair } from './keys.ts';
import {
  learningActs,
  learningHeightMax,
  learningItems,
  learningLives,
  learningProblem,
  learningTerms,
} from './learning-history.ts';
import { type Asked, AskedRun } from './market-asked.ts';
import { boundsProblem, countsProblem } from './market-bounds.ts';
import { evenLives } from './market-even.ts';
import { doubleVote, expertActs, expertProblem } from './market-experts.ts';
import { formedLives } from './market-forms.ts';
import { crowdOf, expertOf, marketGenesis, type Named } from './market-genesis.ts';
import { lives } from './market-lives.ts';
import { moreLives } from './market-more-lives.ts';
import { offences } from './market-offences.ts';
import { Prng } from './prng.ts';

const heightMax = 138;
const evenHeightMax = 24;
const names: readonly Named[] = ['ada', 'bob', 'cleo', 'dan', 'eve', 'finn'];

/** What went otherwise than it must, or null. */
export function marketProblem(seed: number): string | null {
  const prng = new Prng(seed, 'market');
  const full = new HistoryChain(prng, [], (genesis) => marketGenesis(genesis, { crowdSize: 255 }));
  const chain = new HistoryChain(prng, others(), (genesis) => marketGenesis(genesis, {}));
  return (
    countsProblem(full) ??
    boundsProblem(chain) ??
    lived(chain, [...lives, ...formedLives, ...moreLives, ...offences], heightMax, true) ??
    evenProblem(seed) ??
    learntProblem(seed)
  );
}

/** The same where everybody has the same power, and six of seven score. */
function evenProblem(seed: number): string | null {
  const terms = { market: { scorersMax: 6, verifiers: 2 }, powers: [1_000n] };
  const chain = new HistoryChain(new Prng(seed, 'even market'), others(), (genesis) => marketGenesis(genesis, terms));
  return lived(chain, evenLives, evenHeightMax, false);
}

/** Questions and what is learnt from them. */
function learntProblem(seed: number): string | null {
  const genesisOf = (genesis: Genesis) => marketGenesis(genesis, learningTerms);
  const chain = new HistoryChain(new Prng(seed, 'learning'), others(), genesisOf);
  const runs = learningLives.map((asked) => new AskedRun(chain, asked));
  while (chain.height < learningHeightMax) {
    const height = chain.height + 1;
    const { burnt } = readSupply(chain.state);
    const acts = [...runs.flatMap((run) => run.acts(height)), ...learningActs(chain, runs, height)];
    const says = () => byPlace([...runs.flatMap((run) => run.items(height + 1)), ...learningItems(chain, height + 1)]);
    const problem = chain.turn({ acts, says }) ?? learningProblem(chain, height, burnt) ?? wrongOf(runs, height);
    if (problem !== null) return problem;
  }
  return null;
}

/** Everybody who may have to sign. */
function others(): readonly KeyPair[] {
  const many = Array.from({ length: 40 }, (_, index) => crowdOf(index));
  const comers = [keyPair('market fay'), keyPair('market gil'), keyPair('expert without a node')];
  return [...names.map(expertOf), ...many, ...comers];
}

function lived(chain: HistoryChain, all: readonly Asked[], most: number, isWhole: boolean): string | null {
  const runs = all.map((asked) => new AskedRun(chain, asked));
  while (chain.height < most) {
    const height = chain.height + 1;
    const acts = [...(isWhole ? expertActs(chain, height) : []), ...runs.flatMap((run) => run.acts(height))];
    const evidence = isWhole && height === 59 ? [doubleVote(chain, 57)] : [];
    const absent = isWhole && height >= 49 && height <= 58 ? [6] : [];
    const problem =
      chain.turn({ acts, evidence, absent, says: () => byPlace(runs.flatMap((run) => run.items(height + 1))) }) ??
      (isWhole ? expertProblem(chain, height) : null);
    if (problem !== null) return problem;
    const wrong = wrongOf(runs, height);
    if (wrong !== null) return wrong;
  }
  return null;
}

function wrongOf(runs: readonly AskedRun[], height: number): string | null {
  for (const run of runs) {
    const wrong = run.problem(height);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** What everybody says, each in its own precommit. */
function byPlace(items: readonly (readonly [number, ExtensionItem])[]): Said {
  const by = new Map<number, ExtensionItem[]>();
  for (const [place, item] of items) by.set(place, [...(by.get(place) ?? []), item]);
  return by;
}
