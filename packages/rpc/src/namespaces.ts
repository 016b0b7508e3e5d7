/** What each namespace of methods is about, in one line. Owns these words; the document and the reference show them. */

export const namespaces: Readonly<Record<string, string>> = {
  rpc: 'What this server can be asked.',
  node: 'The node that answers: status, health, peers, what it keeps.',
  chain: 'Blocks, commits, headers, genesis and parameters.',
  state: 'Accounts, and proofs of any record of state.',
  tx: 'Transactions: trying, pricing, sending and finding them.',
  staking: 'Validators, stake, signing, rewards and evidence.',
  reward: 'What epochs paid, and why.',
  params: 'What a vote can change, and what is voted on.',
  expert: 'Experts: cards, figures, prices.',
  query: 'Questions: prices, asking, answers, receipts, selection.',
  reputation: 'How experts stand in their domains, and why.',
  feedback: 'What users say of answers.',
  blob: 'Bytes that records of the chain name by their hash.',
  model: "Versions of domains' models, and the rounds that make them.",
  sub: 'Subscriptions, on a WebSocket only.',
  eth: 'The few Ethereum calls that stock tools make first, in 0x hex.',
  net: 'The few Ethereum calls that stock tools make first, in 0x hex.',
  dev: 'Controls of a development network; refused elsewhere.',
  admin: "The operator's own listener.",
};
