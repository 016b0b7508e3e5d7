export const declarationOf = (page: string, command: string): string | null =>
  /^(git|docker|systemctl|journalctl|npm (test|run))|model rebuild/.test(command) ? page : null;
