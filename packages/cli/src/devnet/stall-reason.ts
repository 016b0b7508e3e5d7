/** Why a chain cannot decide a block, in words: who is away, how many are needed. Owns the sentences; pure. */

type Member = { readonly operator: string; readonly power: bigint };

/** Null while those that answer hold more than two thirds of the power. */
export function offlineReason(members: readonly Member[], online: ReadonlySet<string | null>): string | null {
  const present = members.filter(({ operator }) => online.has(operator));
  if (isQuorum(present, members)) return null;
  const offline = members.length - present.length;
  return `${offline} of ${members.length} validators are offline (${neededText(members)})`;
}

/** Null while nothing is cut, or one part still holds more than two thirds. `operatorOf`: by node; null while it does not answer. */
export function partitionReason(
  members: readonly Member[],
  groups: readonly (readonly string[])[] | null,
  operatorOf: ReadonlyMap<string, string | null>,
): string | null {
  if (groups === null) return null;
  const parts = groups.map((group) => {
    const operators = group.map((node) => operatorOf.get(node));
    return members.filter(({ operator }) => operators.includes(operator));
  });
  if (parts.some((part) => isQuorum(part, members))) return null;
  const most = Math.max(...parts.map((part) => part.length));
  return `the network is cut into ${groups.length} parts, the largest with ${most} of ${members.length} validators (${neededText(members)})`;
}

function isQuorum(part: readonly Member[], all: readonly Member[]): boolean {
  return 3n * powerOf(part) > 2n * powerOf(all);
}

/** As a number of validators where all weigh the same. */
function neededText(members: readonly Member[]): string {
  const isEqual = members.every(({ power }) => power === members[0]!.power);
  return isEqual ? `need ${Math.floor((2 * members.length) / 3) + 1}` : 'need more than 2/3 of the power';
}

function powerOf(members: readonly Member[]): bigint {
  return members.reduce((sum, { power }) => sum + power, 0n);
}
