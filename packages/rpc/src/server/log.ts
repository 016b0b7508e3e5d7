/** The part of a logger the server uses, so that any pino logger fits. */
export type RpcLog = {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
};
