/** One cleaner at a time per run, on whichever machine: the lock in the run's folder, and a lease of the shared ledger. */
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError, isDustpanError } from '../errors/dustpan-error.ts'
import { tell } from '../errors/tell.ts'
import { lockRun } from '../ledger/cleaner-lock.ts'
import { every } from '../ledger/every.ts'
import { hasCopies } from '../ledger/journal-copies.ts'
import { isCertainlyDead, thisProcess } from '../ledger/process-identity.ts'
import { renewEveryMs } from '../ledger/silence.ts'
import type { RunId } from '../resource/resource.ts'
import { bringIn } from './bring-in.ts'
import { sharedLedger } from './open-shared-ledger.ts'
import { shipRun } from './share-runs.ts'
import { type LeaseHolder, leaseMs, type SharedLedger } from './shared-ledger.ts'

/**
 * Until disposed; what other cleaners have done of it before is known then, and what this one has done is sent on. While the shared ledger is
 * away, a run that is of this machine alone is locked here alone.
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
    const asked = moment()
    await take(ledger, run, holder)
    await bringInOrRelease(ledger, settings, run, holder)
    return held(ledger, settings, run, holder, asked)
  } catch (error) {
    if (isAway(error) && !hasCopies(join(settings.dir, 'runs', run))) return undefined
    throw error
  }
}

/** Whoever is next need not wait until the lease has run out. */
async function bringInOrRelease(ledger: SharedLedger, { dir }: Settings, run: RunId, holder: LeaseHolder) {
  try {
    await bringIn(ledger, dir, run)
  } catch (error) {
    await ledger.release(run, holder).catch(() => {})
    throw error
  }
}

const isAway = (error: unknown): boolean => isDustpanError(error) && error.code === 'DUSTPAN_LEDGER_AWAY'

async function take(ledger: SharedLedger, run: RunId, holder: LeaseHolder): Promise<void> {
  const before = await ledger.lease(run, holder)
  if (before === undefined) return
  const other = isDeadHere(before, holder) ? await ledger.lease(run, holder, before) : before
  if (other !== undefined) throw locked(run, other)
}

/** Another machine may have this one's name, but not its boot. */
const isDeadHere = (other: LeaseHolder, here: LeaseHolder): boolean =>
  other.boot !== '' && other.boot === here.boot && isCertainlyDead(other)

/** Of this process: when each was asked for last; undefined: another has it. */
const leases = new Map<string, { asked: Moment | undefined }>()

/** By a clock that nobody sets, and by one that goes on while the machine is asleep. */
type Moment = readonly [monotonic: number, time: number]

const moment = (): Moment => [clock.monotonic(), clock.now()]

const isOut = ([monotonic, time]: Moment): boolean =>
  clock.monotonic() - monotonic >= leaseMs || clock.now() - time >= leaseMs

const nameOf = ({ dir }: Pick<Settings, 'dir'>, run: RunId): string => JSON.stringify([dir, run])

/** Before each step of a cleanup. @throws DustpanError `DUSTPAN_RUN_LOCKED` when the lease ran out: another cleaner may have the run by now */
export function checkLease(settings: Pick<Settings, 'dir'>, run: RunId): void {
  const lease = leases.get(nameOf(settings, run))
  if (lease === undefined || (lease.asked && !isOut(lease.asked))) return
  throw new DustpanError(
    'DUSTPAN_RUN_LOCKED',
    `The lease on run ${run} expired, and another machine may be cleaning it up now, so no more was removed.`,
    {
      hint: 'This machine was asleep, or could not reach the shared ledger for ten minutes. `npx dustpan orphans` removes the rest.',
    },
  )
}

function held(
  ledger: SharedLedger,
  settings: Settings,
  run: RunId,
  holder: LeaseHolder,
  since: Moment,
): AsyncDisposable {
  const name = nameOf(settings, run)
  const lease: { asked: Moment | undefined } = { asked: since }
  leases.set(name, lease)
  const renew = async () => {
    const asked = moment()
    lease.asked = (await ledger.renew(run, holder)) ? asked : undefined
  }
  // A server that is away for a moment is asked again in time.
  const renewing = every(renewEveryMs, () => void renew().catch(() => {}))
  return {
    async [Symbol.asyncDispose]() {
      renewing[Symbol.dispose]()
      leases.delete(name)
      try {
        // Whoever is next has to know what was removed.
        await shipRun(settings, run)
        await ledger.release(run, holder)
      } catch (error) {
        tell(error, 'DUSTPAN_LEDGER_AWAY')
      }
    },
  }
}

function locked(run: RunId, { pid, host }: LeaseHolder): DustpanError {
  return new DustpanError(
    'DUSTPAN_RUN_LOCKED',
    `Run ${run} is being cleaned up by process ${pid} on ${host}, so nothing was removed.`,
    { hint: 'Wait until it is done. If it died, the lock expires ten minutes after its last sign of life.' },
  )
}
