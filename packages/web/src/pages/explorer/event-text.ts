/** What a block did in words: a name for every kind of event and its fields. Owns the words; new kinds are shown by their own names. */

import type { BlockEvent } from '../../api/rpc-types.ts';
import { formatCount } from '../../format/numbers.ts';
import type { Field, FieldValue } from './transaction-text.ts';

/** What the kind is called in a list. */
export const EVENT_NAMES: Readonly<Record<string, string>> = {
  transfer: 'Payment',
  'expert.registered': 'Expert registered',
  'expert.updated': 'Expert changed',
  'expert.paused': 'Expert paused or resumed',
  'expert.retired': 'Expert retired',
  'expert.released': 'Bond of an expert released',
  'expert.slashed': 'Expert slashed',
  'query.opened': 'Question opened',
  'query.selected': 'Experts drawn',
  'query.phase': 'Question went on',
  'query.cancelled': 'Question cancelled',
  'query.disclosed': 'Private question disclosed',
  'query.calibrated': 'Question calibrated',
  'query.settled': 'Question settled',
  'answer.committed': 'Answer committed',
  'answer.revealed': 'Answer revealed',
  'score.committed': 'Scores committed',
  'score.revealed': 'Scores revealed',
  'score.misrevealed': 'Scores opened wrongly',
  'epoch.rewarded': 'Epoch rewarded',
  'evidence.recorded': 'Misconduct recorded',
  'params.proposed': 'Change proposed',
  'params.voted': 'Vote on a change',
  'params.decided': 'Change decided',
  'params.changed': 'Parameters changed',
  'params.dropped': 'Change dropped',
  'feedback.given': 'Feedback given',
  'blob.available': 'Words held by the network',
  'blob.lost': 'Words lost',
  'round.opened': 'Training round opened',
  'round.phase': 'Training round went on',
  'round.closed': 'Training round closed',
  'trainer.slashed': 'Trainer slashed',
  'version.made': 'Version made',
  'version.changed': 'Version changed',
  'bias.alarm': 'Bias alarm',
  'lineage.paid': 'Contributors paid',
  'validator.created': 'Validator created',
  'validator.exited': 'Validator left',
  'validator.unjailed': 'Validator released',
  'validator.rotated': 'Validator keys changed',
  'validator.slashed': 'Validator slashed',
  'validator.seated': 'Validator became a candidate',
  'validators.changed': 'Validator set changed',
  'stake.delegated': 'Stake delegated',
  'stake.undelegated': 'Stake withdrawn',
  'stake.redelegated': 'Stake moved',
  'stake.paid': 'Stake paid out',
  'stake.burnt': 'Redelegated stake slashed',
};

const AMOUNTS = new Set(['amount', 'payment', 'issued', 'bond', 'slashed', 'kept']);

/** The kind in words. */
export function eventName({ type }: BlockEvent): string {
  return EVENT_NAMES[type] ?? type.replaceAll('.', ' ');
}

/** Every field of the event; lists are counted where their items are more than a word. */
export function eventFields({ type: _type, ...data }: BlockEvent): readonly Field[] {
  return Object.entries(data).flatMap(([name, value]): readonly Field[] => {
    const shown = shownAs(name, value);
    return shown === null ? [] : [{ label: labelOf(name), value: shown }];
  });
}

/** `releaseAt` becomes "Release at". */
function labelOf(name: string): string {
  if (name === 'queryId') return 'Query';
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

function shownAs(name: string, value: unknown): FieldValue | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return { as: 'text', text: listText(value) };
  if (typeof value === 'object') return { as: 'text', text: objectText(value) };
  if (typeof value === 'boolean') return { as: 'text', text: value ? 'yes' : 'no' };
  const text = String(value);
  if (name === 'queryId') return { as: 'query', queryId: text };
  if (AMOUNTS.has(name)) return { as: 'amount', nano: text };
  if (/^0x[0-9a-f]{64}$/.test(text)) return { as: 'hash', hash: text };
  if (/^syn1[a-z0-9]+$/.test(text)) return { as: 'address', address: text };
  return { as: 'text', text: /^\d+$/.test(text) ? formatCount(text) : text };
}

const LISTED_MAX = 4;

function listText(items: readonly unknown[]): string {
  const isPlain = items.every((item) => typeof item === 'number' || (typeof item === 'string' && item.length <= 20));
  return isPlain && items.length <= LISTED_MAX ? items.join(', ') : formatCount(items.length);
}

function objectText(value: object): string {
  return Object.entries(value)
    .map(([name, item]) => `${labelOf(name).toLowerCase()} ${String(item)}`)
    .join(', ');
}
