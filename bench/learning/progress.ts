/** Lines with the time since the start: a benchmark of minutes tells where it stands. */

const startedMs = performance.now();

export function say(text: string): void {
  const seconds = Math.floor((performance.now() - startedMs) / 1000);
  const clock = `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  console.log(`${clock}  ${text}`);
}
