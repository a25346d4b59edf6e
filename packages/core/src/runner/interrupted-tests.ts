/** Interrupted tests go on until their process ends; what they create meanwhile is recorded in their own scopes. */
import { clock } from '../clock/clock.ts'

/** Per interrupted session of this process: counts requests and statements that are sent and unanswered. */
const interrupted = new Set<() => number>()
/** How many of these hang. */
let hanging = 0

const onRelease: (() => void)[] = []

export const registerInterrupted = (underway: () => number): void => void interrupted.add(underway)

/** For the case that the process does not end after all: called when another run begins. */
export const whenReleased = (end: () => void): void => void onRelease.push(end)

/** Called when another run begins in this process: interrupted tests are not part of it. */
export function releaseInterrupted(): void {
  if (onRelease.length === 0) return
  for (const end of onRelease.splice(0)) end()
  interrupted.clear()
}

/** Whether tests of an interrupted run may still create something in this process. */
export const hasInterruptedTests = (): boolean => interrupted.size > 0

const longestMs = 1_000

/**
 * Waits briefly for the next moment in which nothing is sent and unanswered. That is when to end: the results of anything in flight would be
 * lost. Checks in each turn of the event loop, before a test can send more. A request that hangs is waited for only once.
 */
export async function untilIdle(timeoutMs = longestMs): Promise<void> {
  const deadline = clock.monotonic() + timeoutMs
  let fewest = underway()
  hanging = Math.min(hanging, fewest)
  while (underway() > hanging && clock.monotonic() < deadline) {
    await clock.turn()
    fewest = Math.min(fewest, underway())
  }
  hanging = fewest
}

const underway = (): number => [...interrupted].reduce((sum, count) => sum + count(), 0)
