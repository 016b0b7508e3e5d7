/** Transactions in words: a sentence and labelled fields for every kind. Owns the words; that no kind is forgotten is the compiler's. */

import type { Payload } from '../../api/rpc-types.ts';
import { exactSyn } from '../../format/exact.ts';
import { shorten } from '../../format/numbers.ts';
import { percentText } from '../../format/ratios.ts';

/** A value with what it is, so that a page can link it. */
export type FieldValue =
  | { readonly as: 'text'; readonly text: string }
  | { readonly as: 'long'; readonly text: string }
  | { readonly as: 'amount'; readonly nano: string }
  | { readonly as: 'address'; readonly address: string }
  | { readonly as: 'hash'; readonly hash: string }
  | { readonly as: 'query'; readonly queryId: string };

export type Field = { readonly label: string; readonly value: FieldValue };

const text = (label: string, value: string | number): Field => ({ label, value: { as: 'text', text: String(value) } });
const long = (label: string, value: string): Field => ({ label, value: { as: 'long', text: value } });
const amount = (label: string, nano: string): Field => ({ label, value: { as: 'amount', nano } });
const address = (label: string, value: string): Field => ({ label, value: { as: 'address', address: value } });
const hash = (label: string, value: string): Field => ({ label, value: { as: 'hash', hash: value } });
const query = (queryId: string): Field => ({ label: 'Query', value: { as: 'query', queryId } });

/** What the kind is called in a list. */
export const KIND_NAMES: Readonly<Record<Payload['type'], string>> = {
  transfer: 'Payment',
  'expert.register': 'Expert registered',
  'expert.update': 'Expert changed',
  'expert.pause': 'Expert paused or resumed',
  'expert.retire': 'Expert retired',
  'expert.learn': 'Expert learns or declines',
  'query.open': 'Question asked',
  'query.cancel': 'Question cancelled',
  'query.disclose': 'Private question disclosed',
  'answer.commit': 'Answer committed',
  'answer.reveal': 'Answer revealed',
  'calibration.reveal': 'Calibration opened',
  'validator.create': 'Validator created',
  'validator.edit': 'Validator changed',
  'validator.exit': 'Validator left',
  'validator.unjail': 'Validator released',
  'validator.rotate': 'Validator keys changed',
  delegate: 'Stake delegated',
  undelegate: 'Stake withdrawn',
  redelegate: 'Stake moved',
  'params.propose': 'Change proposed',
  'params.vote': 'Vote on a change',
  'feedback.give': 'Feedback given',
  'delta.commit': 'Training committed',
  'delta.reveal': 'Training revealed',
  'model.rollback': 'Vote to roll back',
};

/** One line for a list. */
export function summaryOf(payload: Payload): string {
  switch (payload.type) {
    case 'transfer':
      return `${exactSyn(payload.amount)} paid`;
    case 'expert.register':
    case 'expert.update':
      return `${payload.expert.name} in ${payload.expert.domain}`;
    case 'query.open':
      return payload.contract.privacy === null ? quoted(payload.contract.prompt) : 'a private question';
    case 'answer.reveal':
      return quoted(payload.answer.text);
    case 'delegate':
    case 'undelegate':
    case 'redelegate':
      return exactSyn(payload.amount);
    case 'validator.create':
      return `with ${exactSyn(payload.bond)} of its own`;
    case 'feedback.give':
      return { good: 'the answer was good', bad: 'the answer was bad', correct: 'a correction' }[payload.rating];
    case 'params.propose':
      return quoted(payload.title);
    case 'params.vote':
      return payload.choice;
    case 'model.rollback':
      return `${payload.domain} version ${payload.version}`;
    case 'answer.commit':
    case 'query.cancel':
    case 'query.disclose':
    case 'calibration.reveal':
      return `question ${shorten(payload.queryId)}`;
    case 'delta.commit':
    case 'delta.reveal':
      return `round ${shorten(payload.round)}`;
    case 'expert.pause':
      return payload.paused ? 'paused' : 'resumed';
    case 'expert.learn':
      return payload.learns ? 'learns' : 'declines';
    default:
      return '';
  }
}

/** Every field of the payload in the order in which people ask for them. */
export function fieldsOf(payload: Payload): readonly Field[] {
  switch (payload.type) {
    case 'transfer':
      return [address('To', payload.to), amount('Amount', payload.amount)];
    case 'query.open':
      return contractFields(payload.contract);
    case 'query.cancel':
      return [query(payload.queryId)];
    case 'query.disclose':
      return [query(payload.queryId), long('Question', payload.prompt), text('Answers', payload.answers.length)];
    case 'answer.commit':
      return [query(payload.queryId), hash('Commitment', payload.commitment)];
    case 'answer.reveal':
      return [
        query(payload.queryId),
        long('Answer', payload.answer.text),
        text('Tokens', `${payload.answer.promptTokens} in, ${payload.answer.answerTokens} out`),
        hash('Model', payload.answer.modelId),
      ];
    case 'calibration.reveal':
      return [query(payload.queryId), long('Right answers', payload.gold.join('\n'))];
    case 'expert.register':
    case 'expert.update':
      return expertFields(payload);
    case 'expert.pause':
      return [text('Now', payload.paused ? 'paused' : 'taking questions')];
    case 'expert.retire':
      return [address('Expert', payload.expert)];
    default:
      return moreFields(payload);
  }
}

type Later = Extract<
  Payload,
  {
    type:
      | `${'validator' | 'params' | 'delta'}.${string}`
      | 'delegate'
      | 'undelegate'
      | 'redelegate'
      | 'feedback.give'
      | 'model.rollback'
      | 'expert.learn';
  }
>;

function moreFields(payload: Later): readonly Field[] {
  switch (payload.type) {
    case 'validator.create':
      return [
        amount('Own stake', payload.bond),
        text('Commission', percentText(payload.commission)),
        hash('Consensus key', payload.publicKey),
        hash('Randomness key', payload.vrfKey),
      ];
    case 'validator.edit':
      return [text('Commission', percentText(payload.commission))];
    case 'validator.exit':
    case 'validator.unjail':
      return [address('Validator', payload.validator)];
    case 'validator.rotate':
      return [hash('New consensus key', payload.publicKey), hash('New randomness key', payload.vrfKey)];
    case 'delegate':
    case 'undelegate':
      return [address('Validator', payload.validator), amount('Amount', payload.amount)];
    case 'redelegate':
      return [address('From', payload.from), address('To', payload.to), amount('Amount', payload.amount)];
    case 'params.propose':
      return [
        text('Title', payload.title),
        amount('Deposit', payload.deposit),
        ...payload.changes.map(({ name, value }) => text(name, value)),
      ];
    case 'params.vote':
      return [hash('Proposal', payload.proposal), text('Vote', payload.choice)];
    case 'feedback.give':
      return [
        query(payload.queryId),
        text('Says', payload.rating),
        hash('Words', payload.content),
        text('Bytes', payload.bytes),
      ];
    case 'delta.commit':
      return [hash('Round', payload.round), hash('Commitment', payload.commitment)];
    case 'delta.reveal':
      return [hash('Round', payload.round), hash('Delta', payload.content), text('Bytes', payload.bytes)];
    case 'model.rollback':
      return [text('Domain', payload.domain), text('Version', payload.version)];
    case 'expert.learn':
      return [text('Now', payload.learns ? "answers with its domain's versions" : 'answers as it was registered')];
  }
}

function contractFields(contract: Extract<Payload, { type: 'query.open' }>['contract']): readonly Field[] {
  const { privacy } = contract;
  return [
    privacy === null ? long('Question', contract.prompt) : hash('Private question', privacy.promptHash),
    text('Domain', contract.domain),
    ...(contract.expert === null ? [] : [address('Asked by name', contract.expert)]),
    text('Experts asked', contract.respondents),
    text('Rounds', contract.rounds),
    amount('Pays at most', contract.maxFee),
    text('Paid in full from score', contract.threshold),
    text('Base part', percentText(contract.basePart)),
    text("Scorers' part", percentText(contract.scorerShare)),
    text("Coordinator's part", percentText(contract.coordinatorShare)),
    text('Difficulty', contract.difficulty),
    address('Coordinator', contract.coordinator),
    text(
      'Windows in blocks',
      `answer ${contract.answerWindow}, reveal ${contract.revealWindow}, score ${contract.scoreWindow}, reveal scores ${contract.scoreRevealWindow}`,
    ),
  ];
}

function expertFields(payload: Extract<Payload, { type: 'expert.register' | 'expert.update' }>): readonly Field[] {
  const { expert } = payload;
  return [
    text('Name', expert.name),
    text('Domain', expert.domain),
    text('Model', expert.modelName),
    address('Operator', expert.operator),
    ...(payload.type === 'expert.register' ? [amount('Bond', payload.bond)] : []),
    text(
      'Nano a byte',
      `${expert.priceInPerByte} read, ${expert.priceOutPerByte} written, ${expert.priceQuotePerByte} quoted`,
    ),
    text('Answers at a time', expert.capacity),
    text('Passages it knows', expert.knowledgeSize),
    hash('Model id', expert.modelId),
    hash('Knowledge root', expert.knowledgeRoot),
  ];
}

const QUOTE_CHARACTERS_MAX = 80;

/** The beginning of a text in quotation marks, on one line. */
function quoted(words: string): string {
  const line = words.replace(/\s+/g, ' ').trim();
  return line.length <= QUOTE_CHARACTERS_MAX ? `“${line}”` : `“${line.slice(0, QUOTE_CHARACTERS_MAX)}…”`;
}
