/** Tests that were interrupted go on until their process ends: what they create meanwhile is recorded in what they belong to. */
import { clock } from '../clock/clock.ts'

/** By session of this process that was interrupted: how much is sent and unanswered. */
const interrupted = new Set<() => number>()
/** Of that: what hangs. */
let hanging = 0

const letGo: (() => void)[] = []

export const goesOn = (underway: () => number): void => void interrupted.add(underway)

/** For when the process does not end after all. */
export const untilLetGo = (end: () => void): void => void letGo.push(end)

/** Another run begins in this process: whoever still goes on is none of it. */
export function letGoOfInterrupted(): void {
  if (letGo.length === 0) return
  for (const end of letGo.splice(0)) end()
  interrupted.clear()
}

/** Whether anything may still be created in this process that belongs to an interrupted run. */
export const testsGoOn = (): boolean => interrupted.size > 0

const longestMs = 1_000

/**
 * Waits, though not for long, for the next moment in which nothing is sent and unanswered: the right one to end in, as of what is under way
 * then nobody hears how it ended. Looks in each turn of the event loop, before a test can send more. What hangs is waited for once.
 */
export async function momentOfRest(timeoutMs = longestMs): Promise<void> {
  const deadline = clock.monotonic() + timeoutMs
  let least = underway()
  hanging = Math.min(hanging, least)
  while (underway() > hanging && clock.monotonic() < deadline) {
    await clock.turn()
    least = Math.min(least, underway())
  }
  hanging = least
}

const underway = (): number => [...interrupted].reduce((sum, count) => sum + count(), 0)
