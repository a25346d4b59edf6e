/** One cleaner at a time per run, on any machine: the lock in the run's folder, and a lease from the shared ledger. */
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError, isDustpanError } from '../errors/dustpan-error.ts'
import { printError } from '../errors/print-error.ts'
import { hasCopies } from '../journal/journal-copies.ts'
import { lockRun } from '../ledger/cleaner-lock.ts'
import { every } from '../processes/every.ts'
import { isCertainlyDead, thisProcess } from '../processes/process-identity.ts'
import { renewEveryMs } from '../processes/silence.ts'
import type { RunId } from '../resource/resource.ts'
import { bringIn } from './bring-in.ts'
import { sharedLedger } from './open-shared-ledger.ts'
import { shipRun } from './share-runs.ts'
import { type LeaseHolder, leaseMs, type SharedLedger } from './shared-ledger.ts'

/**
 * Held until disposed. What other cleaners did to the run is copied here first, and what this one did is sent on at the end. While the
 * shared ledger is away, a run that only this machine worked on is locked only here.
 * @throws DustpanError `DUSTPAN_RUN_LOCKED` when another cleaner has it, `DUSTPAN_LEDGER_UNWRITABLE`, `DUSTPAN_LEDGER_AWAY`
 */
export async function lockEverywhere(settings: Settings, run: RunId): Promise<AsyncDisposable> {
  const lock = lockRun(settings.dir, run)
  try {
    const lease = await leaseOf(settings, run)
    return {
      async [Symbol.asyncDispose]() {
        try {
          await lease?.[Symbol.asyncDispose]()
        } finally {
          lock[Symbol.dispose]()
        }
      },
    }
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}

async function leaseOf(settings: Settings, run: RunId): Promise<AsyncDisposable | undefined> {
  const ledger = await sharedLedger(settings)
  if (!ledger) return undefined
  try {
    const holder: LeaseHolder = { ...thisProcess(), lease: clock.random(16) }
    const requested = moment()
    await takeLease(ledger, run, holder)
    await bringInOrRelease(ledger, settings, run, holder)
    return heldLease(ledger, settings, run, holder, requested)
  } catch (error) {
    if (isAway(error) && !hasCopies(join(settings.dir, 'runs', run))) return undefined
    throw error
  }
}

/** On failure releases the lease, so that the next cleaner need not wait until it expires. */
async function bringInOrRelease(ledger: SharedLedger, { dir }: Settings, run: RunId, holder: LeaseHolder) {
  try {
    await bringIn(ledger, dir, run)
  } catch (error) {
    await ledger.release(run, holder).catch(() => {})
    throw error
  }
}

const isAway = (error: unknown): boolean => isDustpanError(error) && error.code === 'DUSTPAN_LEDGER_AWAY'

async function takeLease(ledger: SharedLedger, run: RunId, holder: LeaseHolder): Promise<void> {
  const before = await ledger.lease(run, holder)
  if (before === undefined) return
  const other = isDeadHere(before, holder) ? await ledger.lease(run, holder, before) : before
  if (other !== undefined) throw runLocked(run, other)
}

/** Another machine may have this one's name, but not its boot id. */
const isDeadHere = (other: LeaseHolder, here: LeaseHolder): boolean =>
  other.boot !== '' && other.boot === here.boot && isCertainlyDead(other)

/** The leases of this process: when each was last requested; undefined: another cleaner has it. */
const leases = new Map<string, { requested: Moment | undefined }>()

/** Read from two clocks: one that nobody can set, and one that also advances while the machine sleeps. */
type Moment = readonly [monotonic: number, time: number]

const moment = (): Moment => [clock.monotonic(), clock.now()]

const hasExpired = ([monotonic, time]: Moment): boolean =>
  clock.monotonic() - monotonic >= leaseMs || clock.now() - time >= leaseMs

const nameOf = ({ dir }: Pick<Settings, 'dir'>, run: RunId): string => JSON.stringify([dir, run])

/** Called before each step of a cleanup. @throws DustpanError `DUSTPAN_RUN_LOCKED` when the lease expired: another cleaner may have the run by now */
export function checkLease(settings: Pick<Settings, 'dir'>, run: RunId): void {
  const lease = leases.get(nameOf(settings, run))
  if (lease === undefined || (lease.requested && !hasExpired(lease.requested))) return
  throw new DustpanError(
    'DUSTPAN_RUN_LOCKED',
    `The lease on run ${run} expired, and another machine may be cleaning it up now, so no more was removed.`,
    {
      hint: 'This machine was asleep, or could not reach the shared ledger for ten minutes. `npx dustpan orphans` removes the rest.',
    },
  )
}

function heldLease(
  ledger: SharedLedger,
  settings: Settings,
  run: RunId,
  holder: LeaseHolder,
  since: Moment,
): AsyncDisposable {
  const name = nameOf(settings, run)
  const lease: { requested: Moment | undefined } = { requested: since }
  leases.set(name, lease)
  const renew = async () => {
    const requested = moment()
    lease.requested = (await ledger.renew(run, holder)) ? requested : undefined
  }
  // If the server is briefly away, the next renewal still comes in time.
  const renewing = every(renewEveryMs, () => void renew().catch(() => {}))
  return {
    async [Symbol.asyncDispose]() {
      renewing[Symbol.dispose]()
      leases.delete(name)
      try {
        // The next cleaner has to know what was removed.
        await shipRun(settings, run)
        await ledger.release(run, holder)
      } catch (error) {
        printError(error, 'DUSTPAN_LEDGER_AWAY')
      }
    },
  }
}

function runLocked(run: RunId, { pid, host }: LeaseHolder): DustpanError {
  return new DustpanError(
    'DUSTPAN_RUN_LOCKED',
    `Run ${run} is being cleaned up by process ${pid} on ${host}, so nothing was removed.`,
    { hint: 'Wait until it is done. If it died, the lock expires ten minutes after its last sign of life.' },
  )
}
