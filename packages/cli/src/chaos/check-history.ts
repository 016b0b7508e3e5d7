/**
 * The list-append check of a chaos run. Clients append to lists by paying unique amounts into accounts that never spend, so a
 * list is the sequence of payments into its account and a balance names exactly one prefix of it. Owns the verdict on what was
 * acknowledged and read against what the nodes hold; pure.
 */

/** A transfer that was submitted, and what its client was told. */
export type Submitted = {
  readonly id: string;
  readonly to: string;
  readonly amount: bigint;
  /** `unknown`: no answer came in time, so both ends are allowed. `refused`: it must have had no effect. */
  readonly outcome: 'acknowledged' | 'refused' | 'unknown';
  /** Block named by the acknowledgement; null without one. */
  readonly height: number | null;
};

/** Balance of an account after a block, as one node told it. In the order in which a node was asked. */
export type Read = {
  readonly node: string;
  readonly account: string;
  readonly height: number;
  readonly balance: bigint;
};

export type ChainTransfer = {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  readonly fee: bigint;
  /** False: only the fee was charged. */
  readonly ok: boolean;
};

export type ChainBlock = {
  readonly height: number;
  readonly hash: string;
  readonly stateRoot: string;
  readonly timeMs: number;
  readonly evidence: number;
  readonly transfers: readonly ChainTransfer[];
};

/** What one node's database holds, from height 1 on. */
export type Chain = { readonly node: string; readonly blocks: readonly ChainBlock[] };

export type History = {
  /** Accounts that are lists. */
  readonly lists: ReadonlySet<string>;
  /** Accounts whose every transfer is this run's; they begin with `initial`, or nothing. */
  readonly accounts: ReadonlySet<string>;
  readonly initial: ReadonlyMap<string, bigint>;
  readonly submitted: readonly Submitted[];
  readonly reads: readonly Read[];
  readonly chains: readonly Chain[];
};

export type FindingKind =
  | 'diverged'
  | 'lost'
  | 'moved'
  | 'duplicated'
  | 'reordered'
  | 'phantom'
  | 'wrong read'
  | 'forgotten height';

export type Finding = { readonly kind: FindingKind; readonly text: string };

/** Everything that contradicts the promises; empty when all hold. */
export function checkHistory(history: History): Finding[] {
  return [
    ...findDivergence(history.chains),
    ...history.chains.flatMap((chain) => [...findDuplicates(chain), ...findLost(chain, history)]),
    ...findReordered(history),
    ...findWrongReads(history),
    ...findForgottenHeights(history.reads),
  ];
}

/** Number of acknowledged transfers that at least one node does not hold where it was acknowledged. */
export function countLost(findings: readonly Finding[]): number {
  return findings.filter(({ kind }) => kind === 'lost' || kind === 'moved').length;
}

function findDivergence(chains: readonly Chain[]): Finding[] {
  const [first, ...others] = chains;
  if (first === undefined) return [];
  return others.flatMap((other) => {
    const common = Math.min(first.blocks.length, other.blocks.length);
    const findings: Finding[] = [];
    for (let index = 0; index < common; index++) {
      const [one, two] = [first.blocks[index]!, other.blocks[index]!];
      if (one.hash === two.hash && one.stateRoot === two.stateRoot && one.height === two.height) continue;
      const text = `block ${one.height}: ${first.node} has ${one.hash} with state ${one.stateRoot}, ${other.node} has ${two.hash} with state ${two.stateRoot}`;
      findings.push({ kind: 'diverged', text });
    }
    return findings;
  });
}

function findDuplicates({ node, blocks }: Chain): Finding[] {
  const heights = new Map<string, number>();
  const findings: Finding[] = [];
  for (const { height, transfers } of blocks) {
    for (const { id } of transfers) {
      const before = heights.get(id);
      if (before !== undefined)
        findings.push({ kind: 'duplicated', text: `${id} stands in blocks ${before} and ${height} of ${node}` });
      heights.set(id, height);
    }
  }
  return findings;
}

/** Acknowledged yet absent, elsewhere or without effect; refused yet with effect; paid into a list by nobody we know. */
function findLost({ node, blocks }: Chain, { lists, submitted }: History): Finding[] {
  const found = new Map<string, { readonly height: number; readonly transfer: ChainTransfer }>();
  for (const { height, transfers } of blocks)
    for (const transfer of transfers) found.set(transfer.id, { height, transfer });
  const known = new Set(submitted.map(({ id }) => id));
  const findings: Finding[] = [];
  for (const { id, outcome, height } of submitted) {
    const at = found.get(id);
    if (outcome === 'acknowledged' && (at === undefined || !at.transfer.ok))
      findings.push({ kind: 'lost', text: `${id}, acknowledged in block ${height}, has no effect at ${node}` });
    else if (outcome === 'acknowledged' && at!.height !== height)
      findings.push({
        kind: 'moved',
        text: `${id}, acknowledged in block ${height}, is in block ${at!.height} of ${node}`,
      });
    else if (outcome === 'refused' && at?.transfer.ok === true)
      findings.push({ kind: 'phantom', text: `${id} was refused, yet has effect in block ${at.height} of ${node}` });
  }
  for (const { height, transfer } of found.values()) {
    if (lists.has(transfer.to) && !known.has(transfer.id))
      findings.push({ kind: 'phantom', text: `${transfer.id} in block ${height} of ${node} was submitted by nobody` });
  }
  return findings;
}

/** One order everywhere: each node's list is a prefix of the longest one. */
function findReordered({ lists, chains }: History): Finding[] {
  return [...lists].flatMap((list) => {
    const orders = chains.map(({ node, blocks }) => ({
      node,
      ids: blocks.flatMap(({ transfers }) => transfers.filter(({ to, ok }) => ok && to === list).map(({ id }) => id)),
    }));
    const longest = orders.reduce((best, one) => (one.ids.length > best.ids.length ? one : best), orders[0]!);
    return orders.flatMap(({ node, ids }): Finding[] => {
      const at = ids.findIndex((id, index) => id !== longest.ids[index]);
      if (at < 0) return [];
      return [
        {
          kind: 'reordered',
          text: `list ${list}: element ${at} is ${ids[at]} at ${node}, ${longest.ids[at]} at ${longest.node}`,
        },
      ];
    });
  });
}

/** A read is the model's balance at its height: for a list, exactly the prefix of that height. */
function findWrongReads(history: History): Finding[] {
  const chain = history.chains.reduce((best, one) => (one.blocks.length > best.blocks.length ? one : best));
  const model = balancesOf(chain, history);
  return history.reads.flatMap(({ node, account, height, balance }): Finding[] => {
    const expected = balanceAt(model.get(account) ?? [], height);
    if (height > chain.blocks.length)
      return [{ kind: 'wrong read', text: `${node} told of height ${height}, which no node holds` }];
    if (expected === balance) return [];
    const text = `${node} read ${balance} of ${account} after block ${height}; the blocks give ${expected}`;
    return [{ kind: 'wrong read', text }];
  });
}

type Balance = { readonly height: number; readonly balance: bigint };

/** Balances of the run's accounts after each block that changed them, recomputed from transfers and fees alone. */
export function balancesOf(
  { blocks }: Chain,
  { accounts, initial }: Pick<History, 'accounts' | 'initial'>,
): Map<string, Balance[]> {
  const histories = new Map<string, Balance[]>();
  for (const account of accounts) histories.set(account, [{ height: 0, balance: initial.get(account) ?? 0n }]);
  const add = (account: string, height: number, by: bigint) => {
    const history = histories.get(account);
    history?.push({ height, balance: history.at(-1)!.balance + by });
  };
  for (const { height, transfers } of blocks) {
    for (const { from, to, amount, fee, ok } of transfers) {
      add(from, height, -fee - (ok ? amount : 0n));
      if (ok) add(to, height, amount);
    }
  }
  return histories;
}

/** Balance after the block at `height`: the newest entry not above it. */
export function balanceAt(history: readonly Balance[], height: number): bigint {
  return history.findLast((entry) => entry.height <= height)?.balance ?? 0n;
}

/** What a node has told once it must not forget, whatever happened to its process. */
function findForgottenHeights(reads: readonly Read[]): Finding[] {
  const highest = new Map<string, number>();
  return reads.flatMap(({ node, height }): Finding[] => {
    const before = highest.get(node) ?? 0;
    highest.set(node, Math.max(before, height));
    if (height >= before) return [];
    return [{ kind: 'forgotten height', text: `${node} told of height ${before} and later of ${height}` }];
  });
}
