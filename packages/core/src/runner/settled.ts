import { clock } from '../clock/clock.ts'

/** Waits until nothing is open, for at most `timeoutMs`. */
export async function settled(timeoutMs: number, open: () => number): Promise<void> {
  const deadline = clock.monotonic() + timeoutMs
  while (open() > 0 && clock.monotonic() < deadline) await clock.sleep(10)
}
