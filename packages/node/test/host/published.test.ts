/** Published knowledge: fetched from peers by judges that have no folder of the domain, checked, joined, and judged with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createGenesisState,
  type ExpertProfile,
  type Hash,
  knowledgeId,
  modelIdOf,
  NANO_PER_SYN,
  publicKeyOf,
  type Receipt,
  readExpert,
  ZERO_HASH,
} from '@synod/chain';
import type { Job } from '@synod/inference';
import {
  type ChainHead,
  type DirectMessage,
  decodeDirect,
  genesisHead,
  type HostInput,
  type HostPorts,
  limits,
} from '../../src/host/index.ts';
import { PublishedDesk } from '../../src/host/published-desk.ts';
import type { Peer } from '../../src/host/sync.ts';
import { addressAt, bundleAt, harbour, idAt, passages, root } from './harbour.ts';
import { aliceSeed, expertSeed, Lab, type LabNode, type LabOptions, openQuery, recipeOf } from './lab.ts';

type ScoreJob = Extract<Job, { kind: 'score' }>;

const HOST = 4;
const LONG_MS = 120_000;

/** Judges that know better judge better: as the real one does, as far as these tests need. */
const worker = {
  answer: () => 'nine metres',
  score: ({ answers, knowledge }: ScoreJob) => answers.map(() => (knowledge === null ? 240_000 : 900_000)),
};

/** Four validators, and a node that validates nothing and hosts an expert, which registers in a domain that was not there. */
function start(options: LabOptions = {}): Lab {
  const lab = new Lab({ observers: 1, worker, bundles: { [HOST]: bundleAt(HOST) }, ...options });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  register(lab, HOST);
  return lab;
}

function register(lab: Lab, node: number): void {
  const address = addressAt(node);
  lab.submit(aliceSeed, { type: 'transfer', to: address, amount: 100n * NANO_PER_SYN });
  lab.runFor(3_000);
  const profile: ExpertProfile = {
    name: `pilot-${node}`,
    operator: address,
    domain: 'harbour',
    modelId: modelIdOf({ ...recipeOf(node), knowledgeRoot: root }),
    modelName: 'recorded',
    knowledgeRoot: root,
    knowledgeSize: passages.length,
    priceInPerByte: 1_000n,
    priceOutPerByte: 10_000n,
    priceQuotePerByte: 10_000n,
    capacity: 4,
  };
  lab.submit(expertSeed(node), { type: 'expert.register', expert: profile, bond: 20n * NANO_PER_SYN, consent: null });
  lab.runUntil(() => readExpert(lab.nodes[0]!.head.state, address) !== null, 10_000);
}

function settle(lab: Lab): Receipt {
  const queryId = openQuery(lab, { domain: 'harbour', respondents: 1, prompt: 'How deep is pier 0?' });
  const receipt = () => lab.nodes[1]!.head.results?.receipts.find((entry) => entry.queryId === queryId);
  lab.runUntil(() => receipt() !== undefined, LONG_MS);
  return receipt()!;
}

const judges = (lab: Lab): readonly LabNode[] => lab.nodes.slice(0, HOST);
const scoreJobs = (node: LabNode): readonly ScoreJob[] => node.jobs.filter((job) => job.kind === 'score');
const hasBundle = (node: LabNode): boolean => node.library.has(`knowledge/${idAt(HOST)}`);
const scoreOf = ({ respondents }: Receipt): number | null => respondents[0]!.score;

/** Direct messages of a kind as they are sent. */
function watch(kind: DirectMessage['kind']) {
  const seen: DirectMessage[] = [];
  const onMessage = (topic: string, bytes: Uint8Array) => {
    const message = topic === 'direct' ? decodeDirect(bytes) : null;
    if (message?.kind === kind) seen.push(message);
  };
  return { seen, onMessage };
}

test('validators fetch what an expert of a new domain knows as soon as it registers, and judge with it', () => {
  const lab = start();
  lab.runUntil(() => judges(lab).every(hasBundle), 10_000);
  assert.equal(scoreOf(settle(lab)), 900_000);
  for (const node of judges(lab)) {
    assert.deepEqual(
      new Set(scoreJobs(node).map(({ knowledge }) => knowledge)),
      new Set([`joined/harbour/${idAt(HOST)}`]),
    );
    assert.deepEqual(node.penalties, []);
  }
});

test('where nobody serves it the answer is judged without, after a few heights, and the query settles', () => {
  const served = settle(start());
  const lab = start({ bundles: {} });
  const receipt = settle(lab);
  assert.equal(scoreOf(receipt), 240_000);
  for (const node of judges(lab)) for (const { knowledge } of scoreJobs(node)) assert.equal(knowledge, null);
  const heights = ({ openedAt, settledAt }: Receipt) => settledAt - openedAt;
  const more = heights(receipt) - heights(served);
  assert.ok(more <= limits.knowledgePatienceHeights + 1, `${more} heights more`);
});

test('what was fetched survives a restart of all judges: they ask nobody again, and the expert may be gone', () => {
  const { seen, onMessage } = watch('knowledgeGet');
  const lab = start({ onMessage });
  lab.runUntil(() => judges(lab).every(hasBundle), 10_000);
  assert.ok(seen.length > 0);
  for (const node of judges(lab)) {
    node.crash();
    lab.runFor(2);
    node.restart();
    node.jobs.length = 0;
  }
  seen.length = 0;
  assert.equal(scoreOf(settle(lab)), 900_000);
  assert.deepEqual(seen, []);
  for (const node of judges(lab)) assert.ok(scoreJobs(node).every(({ knowledge }) => knowledge !== null));
});

test('who fetched it serves it on: a judge that comes when the expert is gone finds it', () => {
  const lab = start();
  lab.runUntil(() => judges(lab).every(hasBundle), 10_000);
  lab.nodes[HOST]!.crash();
  const late = lab.nodes[2]!;
  late.crash();
  late.library.clear();
  late.restart();
  lab.runUntil(() => hasBundle(late), 10_000);
});

test('a local folder wins: nothing is fetched for its domain, and nothing that an expert published is judged with', () => {
  const local = new Map([['harbour', 'shipped/harbour']]);
  const lab = start({ knowledge: () => local });
  settle(lab);
  for (const node of judges(lab)) {
    assert.ok(!hasBundle(node));
    assert.deepEqual(new Set(scoreJobs(node).map(({ knowledge }) => knowledge)), new Set(['shipped/harbour']));
  }
});

test('a peer that sends other knowledge is penalised, and the right one is fetched from others', () => {
  const wrong = bundleAt(9);
  const lab = start({
    alter: (message, from) => (from === 3 && message.kind === 'knowledge' ? { ...message, bytes: wrong } : message),
  });
  lab.runUntil(() => judges(lab).every(hasBundle), 30_000);
  const penalties = lab.nodes.flatMap((node) => node.penalties);
  assert.ok(penalties.some(({ reason }) => reason === 'wrong knowledge: it is of another expert or root'));
  assert.deepEqual(new Set(penalties.map(({ peer }) => peer)), new Set(['node-3']));
  for (const node of judges(lab)) assert.ok(!node.library.has(`knowledge/${idAt(9)}`));
});

test('an expert that retires while its answer waits for scores is judged with what it knows', () => {
  const lab = start();
  lab.runUntil(() => judges(lab).every(hasBundle), 10_000);
  const queryId = openQuery(lab, { domain: 'harbour', respondents: 1 });
  lab.runUntil(() => lab.nodes[HOST]!.jobs.some(({ kind }) => kind === 'answer'), 20_000);
  lab.submit(expertSeed(HOST), { type: 'expert.retire', expert: addressAt(HOST) });
  const receipt = () => lab.nodes[1]!.head.results?.receipts.find((entry) => entry.queryId === queryId);
  lab.runUntil(() => receipt() !== undefined, LONG_MS);
  assert.equal(scoreOf(receipt()!), 900_000);
});

type Stake = { readonly domain: string; readonly bond: bigint; readonly root?: Hash };

/** The head of a chain whose experts are these, in the order of the lab's keys. */
function headOf(experts: readonly Stake[]): ChainHead {
  const { genesis } = new Lab({ validators: 1 });
  const own = genesis.experts[0]!.profile;
  const listed = experts.map(({ domain, bond, root: knowledgeRoot = root }, index) => {
    const publicKey = publicKeyOf(expertSeed(index));
    const knowledgeSize = knowledgeRoot === ZERO_HASH ? 0 : passages.length;
    return { address: addressAt(index), publicKey, bond, profile: { ...own, domain, knowledgeRoot, knowledgeSize } };
  });
  const sorted = listed.toSorted((a, b) => (a.address < b.address ? -1 : 1));
  const accounts = genesis.accounts.filter(({ address }) => !sorted.some((one) => one.address === address));
  return genesisHead(createGenesisState({ ...genesis, accounts, experts: sorted }));
}

/** A desk whose only peer gives what it is asked for at once. */
class DeskLab {
  readonly joined = new Map<string, readonly Hash[]>();
  /** Every folder that was asked for. */
  readonly asks: { readonly domain: string; readonly ids: readonly Hash[] }[] = [];
  readonly saved: Hash[] = [];
  /** A disk that takes its time. */
  readonly isStoring: boolean;
  readonly given: Hash[] = [];
  readonly #here = new Set<Hash>();
  readonly #bundles: ReadonlyMap<Hash, Uint8Array>;
  readonly #desk: PublishedDesk;
  #head: ChainHead;

  constructor(head: ChainHead, bundles: ReadonlyMap<Hash, Uint8Array>, { isStoring = false } = {}) {
    this.isStoring = isStoring;
    this.#head = head;
    this.#bundles = bundles;
    const library = {
      baseModel: () => null,
      has: (_: unknown, id: Hash) => this.#here.has(id),
      read: () => null,
      adapterFile: String,
      save: (_: unknown, id: Hash) => {
        this.saved.push(id);
        if (this.isStoring) return;
        this.#here.add(id);
        this.#desk.onStored(id);
      },
      join: (domain: string, ids: readonly Hash[]) => {
        this.joined.set(domain, ids);
        this.asks.push({ domain, ids });
      },
    };
    const network = { send: (peer: string, bytes: Uint8Array) => this.#give(peer, bytes), penalise: assert.fail };
    const observer = { onHostEvent: () => undefined };
    const ports = { library, network, observer, signer: {}, clock: { nowMs: () => 0 } } as unknown as HostPorts;
    const peers = ['peer', ...(isStoring ? ['silent'] : [])].map((id) => ({ id, isGreeted: true }) as Peer);
    this.#desk = new PublishedDesk({ ports, head: () => this.#head, peers: () => peers });
    this.#desk.onHead();
  }

  /** From now on the chain is there. */
  goTo(height: number, head: ChainHead = this.#head): void {
    this.#head = { ...head, height };
    this.#desk.onEvents([{ type: 'expert.updated', expert: addressAt(0), isAnother: true }]);
    this.#desk.onHead();
  }

  /** An answer that comes by itself. */
  send(peer: string, hash: Hash): void {
    this.#desk.onAnswer(peer, { kind: 'knowledge', hash, bytes: this.#bundles.get(hash)! });
  }

  tell(domain: string, ids: readonly Hash[], made: Partial<Extract<HostInput, { kind: 'knowledgeJoined' }>>): void {
    const told = { domain, ids, folder: `joined/${domain}`, passages: 3, isWhole: true };
    this.#desk.onJoined({ kind: 'knowledgeJoined', ...told, ...made });
  }

  folder(domain: string): string | null {
    return this.#desk.folder(domain);
  }

  isComing(domain: string): boolean {
    return this.#desk.isComing(domain);
  }

  #give(peer: string, bytes: Uint8Array): void {
    const asked = decodeDirect(bytes);
    assert.ok(asked?.kind === 'knowledgeGet');
    if (peer === 'silent') return;
    this.given.push(asked.hash);
    this.#desk.onAnswer(peer, { kind: 'knowledge', hash: asked.hash, bytes: this.#bundles.get(asked.hash)! });
  }
}

const bundlesOf = (count: number, bundle = harbour(passages)) =>
  Array.from({ length: count }, (_, index): [Hash, Uint8Array] => [
    knowledgeId(addressAt(index), bundle.card.root),
    bundleAt(index, bundle),
  ]);

test('of a domain the eight largest bonds are wanted, in their order and ties by address; of all domains sixty-four', () => {
  const ten = Array.from({ length: 10 }, (_, index) => ({
    domain: 'harbour',
    bond: BigInt(20 + (index % 3)) * NANO_PER_SYN,
  }));
  const order = [2, 1, 0].flatMap((bond) =>
    [...ten.keys()].filter((index) => index % 3 === bond).toSorted((a, b) => (addressAt(a) < addressAt(b) ? -1 : 1)),
  );
  const bundles = new Map(bundlesOf(70));
  const one = new DeskLab(headOf(ten), bundles);
  one.goTo(limits.knowledgeJoinHeights);
  assert.deepEqual(one.joined, new Map([['harbour', order.slice(0, 8).map(idAt)]]));
  const without = new DeskLab(headOf([{ domain: 'harbour', bond: 20n * NANO_PER_SYN, root: ZERO_HASH }]), bundles);
  assert.deepEqual([without.joined.size, without.given], [0, []]);
  const many = Array.from({ length: 70 }, (_, index) => ({
    domain: `port-${index}`,
    bond: BigInt(20 + index) * NANO_PER_SYN,
  }));
  const { joined } = new DeskLab(headOf(many), bundles);
  assert.deepEqual([joined.size, joined.has('port-5'), joined.has('port-6')], [limits.knowledgeWanted, false, true]);
});

test('who changes what its experts know again and again is followed no faster than one bundle in four heights', () => {
  const stakes = (known: Hash) =>
    Array.from({ length: 64 }, (_, index) => ({ domain: `port-${index}`, bond: 20n * NANO_PER_SYN, root: known }));
  const changed = harbour([...passages.slice(1), passages[0]!]);
  const lab = new DeskLab(headOf(stakes(root)), new Map([...bundlesOf(64), ...bundlesOf(64, changed)]));
  assert.equal(lab.given.length, 64);
  const later = headOf(stakes(changed.card.root));
  for (const [height, given] of [
    [3, 64],
    [4, 65],
    [5, 65],
    [8, 66],
    [20, 69],
  ] as const) {
    lab.goTo(height, later);
    assert.equal(lab.given.length, given, `at ${height}`);
  }
});

test('a peer has what it sends checked and written once, and only where it was asked', () => {
  const one = headOf([{ domain: 'harbour', bond: 20n * NANO_PER_SYN }]);
  const lab = new DeskLab(one, new Map(bundlesOf(1)), { isStoring: true });
  assert.deepEqual(lab.saved, [idAt(0)]);
  for (let count = 0; count < 3; count++) for (const peer of ['peer', 'silent', 'stranger']) lab.send(peer, idAt(0));
  assert.deepEqual(lab.saved, [idAt(0)]);
});

test('a folder that could not be made, or not whole, is asked for again after a pause, and no score waits for it', () => {
  const one = headOf([{ domain: 'harbour', bond: 20n * NANO_PER_SYN }]);
  const lab = new DeskLab(one, new Map(bundlesOf(1)));
  const asks = () => lab.asks.length;
  assert.deepEqual([asks(), lab.isComing('harbour')], [1, true]);
  lab.tell('harbour', [idAt(0)], { folder: null, passages: 0, isWhole: false });
  assert.deepEqual([lab.folder('harbour'), lab.isComing('harbour')], [null, false]);
  lab.goTo(limits.knowledgeJoinHeights - 1);
  assert.equal(asks(), 1);
  lab.goTo(limits.knowledgeJoinHeights);
  assert.equal(asks(), 2);
  lab.tell('harbour', [idAt(0)], { isWhole: false });
  assert.equal(lab.folder('harbour'), 'joined/harbour');
  lab.goTo(2 * limits.knowledgeJoinHeights);
  assert.equal(asks(), 3);
  lab.tell('harbour', [idAt(0)], {});
  lab.goTo(9 * limits.knowledgeJoinHeights);
  assert.equal(asks(), 3);
});

test('who changes bonds again and again has no more than one bundle a height joined, in the long run', () => {
  const stakes = (turn: number) =>
    headOf(
      Array.from({ length: 64 }, (_, index) => ({
        domain: `port-${index % 8}`,
        bond: BigInt(20 + (turn % 2 === 0 ? index : 64 - index)) * NANO_PER_SYN,
      })),
    );
  const lab = new DeskLab(stakes(0), new Map(bundlesOf(64)));
  assert.ok([...lab.joined.values()].every((ids) => ids.length === 8));
  for (const { domain, ids } of lab.asks.slice()) lab.tell(domain, ids, {});
  const before = lab.asks.length;
  const heads = [stakes(0), stakes(1)];
  const last = 100 * limits.knowledgeJoinHeights;
  for (let turn = 1; turn <= 100; turn++) lab.goTo(turn * limits.knowledgeJoinHeights, heads[turn % 2]);
  const read = lab.asks.slice(before).reduce((sum, { ids }) => sum + ids.length, 0);
  assert.ok(read > 0 && read <= last, `${read} bundles in ${last} heights`);
});
