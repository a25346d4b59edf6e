/** Runs one case against one store. */
import type { DriverCase } from './case.ts'
import type { DriverSubject, StoreServer } from './subject.ts'
import { openWorld } from './world.ts'

export type DriverOutcome =
  | { readonly is: 'passed' }
  | { readonly is: 'excused'; readonly reason: string }
  | { readonly is: 'failed'; readonly error: unknown }

/** Time limit of a case, generous because a busy machine takes many times as long as a quiet one. */
const patienceMs = 150_000

export async function outcomeOf(one: DriverCase, subject: DriverSubject, server: StoreServer): Promise<DriverOutcome> {
  const excuse = [...subject.excuses, ...(server.excuses ?? [])].find(({ cases }) => cases.includes(one.name))
  if (excuse?.untried) return { is: 'excused', reason: excuse.reason }
  try {
    await inTime(attempt(one, subject, server))
  } catch (error) {
    return excuse ? { is: 'excused', reason: excuse.reason } : { is: 'failed', error }
  }
  if (!excuse) return { is: 'passed' }
  return { is: 'failed', error: new Error(`It holds after all; the excuse is over: ${excuse.reason}`) }
}

async function attempt(one: DriverCase, subject: DriverSubject, server: StoreServer): Promise<void> {
  await using world = await openWorld(
    subject,
    server,
    one.proxied === true || (one.proxied !== undefined && server.address !== undefined),
  )
  await one.run(world)
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No end after ${patienceMs / 1000} s`)), patienceMs)
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}
