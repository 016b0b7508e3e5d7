/**
 * `synod validator list|status|edit|unjail|exit`: how validators stand, and what their operators do about it. Owns the words
 * and the checks that save a fee; the chain owns the rules (spec: staking). Making one is validator-create.ts.
 */
import { type Address, type Payload, SynodError } from '@synod/chain';
import type { RpcMethodMap } from '@synod/rpc/client';
import pc from 'picocolors';
import { devnetRecordOf } from '../rpc/dev-accounts.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { SUBMIT_TIMEOUT_MS, type Submitted, signAndSubmit } from '../rpc/signed-transaction.ts';
import { nameOf, resolveValidator, signerKey } from '../rpc/signer-key.ts';
import { formatSyn } from '../settings/amounts.ts';
import { parseRatio, percentText } from '../settings/ratios.ts';
import { rpcUrl } from '../settings/settings.ts';
import { standingLines, type ValidatorInfo, whenText } from '../staking/validator-text.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, print, printJson, type Told, table, tell } from '../terminal/output.ts';

export type ValidatorFlags = CommonOptions & {
  readonly rpc?: string;
  readonly dataDir?: string;
  readonly from?: string;
  readonly keyFile?: string;
  readonly passwordFile?: string;
};

const PAGE = 100;

export async function runValidatorList(flags: ValidatorFlags): Promise<void> {
  const record = devnetRecordOf(flags.dataDir);
  const node = createNodeClient(rpcUrl(flags, process.env));
  const validators = await node.everyValidator();
  const labelOf = ({ operator }: ValidatorInfo): string => nameOf(operator, record) ?? operator;
  if (flags.json) return printJson({ validators });
  validators.sort((a, b) => Number(BigInt(b.power) - BigInt(a.power)) || (labelOf(a) < labelOf(b) ? -1 : 1));
  const rows = validators.map((each) => [
    labelOf(each),
    each.standing === 'signing' && each.nextAction !== 'run' ? pc.green('signing') : pc.yellow(stateText(each)),
    `power ${each.power}`,
    formatSyn(BigInt(each.tokens)),
    `own ${formatSyn(BigInt(each.selfBond))}`,
    percentText(each.commission),
    `missed ${each.missed}`,
  ]);
  for (const line of table(rows, '')) print(line);
}

/** One validator; that of the node asked when none is named. */
export async function runValidatorStatus(validator: string | undefined, flags: ValidatorFlags): Promise<void> {
  const record = devnetRecordOf(flags.dataDir);
  const node = createNodeClient(rpcUrl(flags, process.env));
  const status = await node.status();
  const named = validator === undefined ? status.operator : resolveValidator(validator, record);
  if (named === null) return tell(flags, observing(status, node.url));
  const [info, params] = await Promise.all([
    node.call('staking_validator', { address: named }),
    node.call('staking_params'),
  ]);
  const { role, roleReason, signingKey } = status;
  const own = status.operator === named ? { role, roleReason, signingKey } : null;
  const name = nameOf(named, record);
  const json = { ...info, head: params.head, epochEnd: params.epochEnd, node: own };
  tell(flags, { json, lines: standingLines(info, { ...params, name, node: own }) });
}

/** A node without a validator has a state, a reason and a next command too. */
function observing({ name, roleReason, head }: NodeStatusInfo, url: string): Told {
  const json = {
    standing: 'observing',
    reason: roleReason,
    node: { name, url },
    head: head.height,
    nextAction: 'none',
  };
  const lines = [
    `${pc.bold(name)}  ${pc.yellow('OBSERVING')}`,
    `  why     ${roleReason ?? 'it runs for no validator'}`,
    '  until   it is given stake and keys; nothing is lost by observing',
    `  Run:  ${SYNOD} validator create --home FOLDER --bond AMOUNT --from NAME      or see others:  ${SYNOD} validator list`,
  ];
  return { json, lines };
}

type NodeStatusInfo = RpcMethodMap['node_status']['result'];

/** A member that should look to its node is told from one that signs. */
function stateText({ standing, nextAction }: ValidatorInfo): string {
  return standing === 'signing' && nextAction === 'run' ? 'silent' : standing;
}

export async function runValidatorEdit(
  validator: string | undefined,
  flags: ValidatorFlags & { readonly commission: string },
): Promise<void> {
  const commission = parseRatio(flags.commission, '--commission');
  const sent = await submit(validator, flags, {
    what: 'change',
    payload: () => ({ type: 'validator.edit', commission }),
  });
  if (flags.json) return printJson({ ...sent.submitted, operator: sent.operator, commission });
  print(`✔ the commission of ${sent.name} is ${percentText(commission / 1_000_000)}   block ${sent.submitted.height}`);
}

export async function runValidatorUnjail(validator: string | undefined, flags: ValidatorFlags): Promise<void> {
  const sent = await submit(validator, flags, {
    what: 'release',
    payload: (operator) => ({ type: 'validator.unjail', validator: operator }),
    before: requireReleasable,
  });
  const { node, operator, name, submitted } = sent;
  const info = await node.call('staking_validator', { address: operator });
  if (flags.json)
    return printJson({ ...submitted, operator, standing: info.standing, nextActionHeight: info.nextActionHeight });
  print(`✔ ${name} is out of jail   block ${submitted.height}`);
  print(`  ${info.reason}`);
  print(`  Keep its node running, and look:  ${SYNOD} validator status ${name}`);
}

export async function runValidatorExit(
  validator: string | undefined,
  flags: ValidatorFlags & { readonly yes?: boolean },
): Promise<void> {
  if (flags.yes !== true) {
    throw new SynodError(
      'USAGE',
      'Leaving is for good: the validator and its keys can never come back. If that is meant, say it with --yes.',
    );
  }
  const sent = await submit(validator, flags, {
    what: 'exit',
    payload: (operator) => ({ type: 'validator.exit', validator: operator }),
  });
  const { node, operator, name, submitted } = sent;
  const [params, { items }] = await Promise.all([
    node.call('staking_params'),
    node.call('staking_unbonding', { address: operator, limit: PAGE }),
  ]);
  const last = items.findLast(({ kind, validator: pool }) => kind === 'unbonding' && pool === operator);
  if (flags.json) return printJson({ ...submitted, operator, unbonding: last ?? null });
  print(`✔ ${name} has left   block ${submitted.height}`);
  print(
    `  Keep its node running until its power is 0, after block ${params.epochEnd}:  ${SYNOD} validator status ${name}`,
  );
  if (last !== undefined)
    print(`  ${formatSyn(BigInt(last.amount))} of its own come back ${whenText(last.maturesAt, params)}.`);
}

type Sent = {
  readonly node: NodeClient;
  readonly operator: string;
  readonly name: string;
  readonly submitted: Submitted;
};

/** Signs as the operator: whoever `--from` or `--key-file` names, else the devnet validator named first. */
async function submit(
  validator: string | undefined,
  flags: ValidatorFlags,
  request: {
    readonly what: string;
    readonly payload: (operator: Address) => Payload;
    readonly before?: (node: NodeClient, operator: string, name: string) => Promise<void>;
  },
): Promise<Sent> {
  const record = devnetRecordOf(flags.dataDir);
  const key = signerKey({ ...flags, from: flags.from ?? validator }, record);
  if (validator !== undefined && resolveValidator(validator, record) !== key.address) {
    throw new SynodError(
      'NOT_OPERATOR',
      `The key of ${key.name} does not operate ${validator}. Sign with the operator's key.`,
      {
        facts: { operator: key.address },
      },
    );
  }
  const name = nameOf(key.address, record) ?? key.address;
  const node = createNodeClient(rpcUrl(flags, process.env), SUBMIT_TIMEOUT_MS);
  await request.before?.(node, key.address, name);
  const submitted = await signAndSubmit(node, { key, payload: request.payload(key.address), what: request.what });
  return { node, operator: key.address, name, submitted };
}

/** What the chain would refuse is said before a fee is paid, with the height and the time from which it will not. */
async function requireReleasable(node: NodeClient, operator: string, name: string): Promise<void> {
  const [info, params] = await Promise.all([
    node.call('staking_validator', { address: operator }),
    node.call('staking_params'),
  ]);
  const facts = { operator, status: info.status };
  if (info.status !== 'jailed') {
    throw new SynodError('NOT_JAILED', `${name} is not in jail. ${info.reason}`, { facts });
  }
  if (info.nextAction === 'bond') {
    throw new SynodError(
      'BOND_TOO_LOW',
      `${name} has too little stake of its own to be released: ${formatSyn(BigInt(info.selfBond))}, needed are ${formatSyn(BigInt(params.selfBondMin))}. ` +
        `Bond more first:  synod stake delegate ${name} --amount AMOUNT --from ${name}`,
      { facts },
    );
  }
  if (info.nextAction === 'wait' && info.nextActionHeight !== null) {
    throw new SynodError(
      'JAIL_NOT_OVER',
      `The time in jail of ${name} is not over: it can be released ${whenText(info.nextActionHeight, params)}. Nothing was sent.`,
      { facts: { ...facts, fromHeight: info.nextActionHeight } },
    );
  }
}
