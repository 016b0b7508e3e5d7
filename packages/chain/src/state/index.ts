export * from './apply-transaction.ts';
export type { BlockRefusal, VerifyBeacon } from './block-run.ts';
export * from './check-supply.ts';
export * from './check-transaction.ts';
export type { ChainEvent } from './events.ts';
export * from './keys.ts';
export { PARAM_RULES, type ParamRule, paramValue, withParam } from './param-rules.ts';
export * from './params.ts';
export { readPastHeader } from './past-headers.ts';
export {
  isTransactionSeen,
  listExperts,
  listOpenQueries,
  readAccount,
  readAccuracy,
  readBaseFee,
  readBeacon,
  readCalibrations,
  readChainId,
  readExpert,
  readHead,
  readOutcomes,
  readParams,
  readQuery,
  readReputation,
  readSupply,
  readValidatorRecord,
} from './records.ts';
export * from './transaction-form.ts';
export * from './view.ts';
