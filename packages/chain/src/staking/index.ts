export { evidenceId, offender, stripEvidence } from './evidence.ts';
export * from './proposer-rotation.ts';
