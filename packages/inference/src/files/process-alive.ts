/** Whether a process lives. Owns the question alone: who asks has found its number in the name or the content of a file. */

/** False for what is no process id, and for processes that have ended. One number may mean another process by now; that one then counts. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
