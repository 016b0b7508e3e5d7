/** A genesis with one attacker of a given share of the stake and its expert among others. Owns the figures of that network. */
import {
  type Address,
  addressOf,
  createGenesis,
  createGenesisState,
  defaultChainParams,
  fromHex,
  NANO_PER_SYN,
  publicKeyOf,
  type StateTree,
  taggedHash,
  ZERO_HASH,
} from '@synod/chain';

const honestValidators = 9;
const totalPower = 36_000n;

const key = (label: string) => publicKeyOf(fromHex(taggedHash('bench/beacon/key', Buffer.from(label))));

export const requester: Address = addressOf(key('requester'));

/** The attacker's stake lies with `identities` validators in equal parts; the first of the experts is its own. */
export function attackedState(options: {
  readonly sharePercent: number;
  readonly identities: number;
  readonly experts: number;
}): { readonly state: StateTree; readonly operators: readonly Address[]; readonly expert: Address } {
  const { sharePercent, identities, experts } = options;
  const stake = (totalPower * BigInt(sharePercent)) / 100n;
  const own = Array.from({ length: identities }, (_, index) => ({
    name: `attacker ${index}`,
    power: stake / BigInt(identities),
  }));
  const others = Array.from({ length: honestValidators }, (_, index) => ({
    name: `honest ${index}`,
    power: (totalPower - stake) / BigInt(honestValidators),
  }));
  const validators = [...own, ...others].map(({ name, power }) => ({
    operator: addressOf(key(`${name} operator`)),
    publicKey: key(`${name} consensus`),
    vrfKey: key(`${name} beacon`),
    power,
  }));
  const operatorAt = (index: number) => validators[index % validators.length]!.operator;
  const genesis = createGenesis({
    chainId: 'beacon',
    time: 1_700_000_000_000,
    devnet: true,
    params: defaultChainParams(),
    validators,
    accounts: [{ address: requester, balance: 10_000n * NANO_PER_SYN }],
    experts: Array.from({ length: experts }, (_, index) => ({
      address: addressOf(key(`expert ${index}`)),
      publicKey: key(`expert ${index}`),
      bond: 100n * NANO_PER_SYN,
      profile: {
        name: `general-${index}`,
        operator: index === 0 ? operatorAt(0) : operatorAt(identities + (index % honestValidators)),
        domain: 'general',
        modelId: taggedHash('bench/model', Uint8Array.of(index)),
        modelName: 'recorded',
        knowledgeRoot: ZERO_HASH,
        knowledgeSize: 0,
        priceInPerByte: 1_000n,
        priceOutPerByte: 10_000n,
        priceQuotePerByte: 10_000n,
        capacity: 4,
      },
    })),
  });
  const operators = validators.slice(0, identities).map(({ operator }) => operator);
  return { state: createGenesisState(genesis), operators, expert: addressOf(key('expert 0')) };
}
