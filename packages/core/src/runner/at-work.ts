/**
 * Says that a process, or a whole run, is at work in stores with a log of what is written there, so that no other run takes from it what names
 * nobody. Also where the run itself collects nothing, and its driver has no other reason to look there.
 */

import { late, untilDeadline } from '../cleanup/deadline.ts'
import { guardReach, guardStore } from '../cleanup/guard.ts'
import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import type { Code } from '../errors/codes.ts'
import { describeError } from '../errors/dustpan-error.ts'
import type { Driver } from '../resource/driver.ts'
import type { StoreRef } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import type { Tracking } from '../tracking/tracking.ts'

export interface AtWork {
  /** Never rejects. Undefined: that was said, or need not be. */
  in(store: StoreRef): Promise<void> | undefined
  /** Says it again wherever it was said before `over`. Never rejects. */
  again(): Promise<void>
  /** Says that it is over. Never rejects. */
  over(): Promise<void>
}

export interface Worker {
  readonly settings: Settings
  readonly drivers: ReadonlyMap<string, Driver>
  readonly run: string
  /** Empty: the run as a whole. */
  readonly writer: string
  asOwn<T>(work: () => T): T
  readonly warn: Tracking['warn']
}

/** A statement that has to wait for it waits no longer. */
const patienceMs = 5_000
/** A store takes a process for ended that it has not heard of for ten minutes. */
const signOfLifeMs = 180_000

interface Told {
  readonly driver: Driver
  readonly store: StoreRef
  /** Undefined: the store has answered. */
  telling: Promise<void> | undefined
  /** `nowhere`: the store has no log, or did not let it be said. */
  stands: 'there' | 'over' | 'nowhere'
}

export function atWork({ settings, drivers, run, writer, asOwn, warn }: Worker): AtWork {
  const since = clock.now()
  const all = new Map<string, Told>()
  let isOver = false
  let timer: ReturnType<typeof clock.setTimeout> | undefined

  const unsaid = (code: Code, { driver, id }: StoreRef, why: string) => {
    if (isOver) return
    const where = `${driver} (${withoutIdentity(id)})`
    warn(code, `Other runs cannot see that this one writes to ${where}, and may remove what it writes: ${why}`)
  }

  const say = async ({ driver, store }: Told, ended: boolean): Promise<boolean> => {
    const who = { run, writer, since, ...(ended ? { ended } : {}) }
    const guard = (id: string) => guardStore(settings, { ...store, id })
    try {
      guardReach(settings, store, driver.capabilities)
      const deadline = clock.now() + patienceMs
      const said = await untilDeadline(deadline, (signal) =>
        asOwn(async () => driver.announce?.(store, who, { signal, deadline, guard })),
      )
      if (said === late) unsaid('DUSTPAN_STORE_UNREACHABLE', store, 'it did not answer in time')
      return said === true
    } catch (error) {
      const { code, message } = describeError(error, 'DUSTPAN_STORE_UNREACHABLE')
      unsaid(code, store, message)
      return false
    }
  }

  const tell = (told: Told): Promise<void> => {
    told.telling ??= say(told, false).then((stands) => {
      told.stands = stands ? 'there' : 'nowhere'
      told.telling = undefined
      if (stands) goOn()
    })
    return told.telling
  }

  const goOn = () => {
    if (timer) return
    timer = clock.setTimeout(() => {
      timer = undefined
      for (const told of all.values()) if (told.stands === 'there') void tell(told)
    }, signOfLifeMs)
    timer.unref()
  }

  /** A worker says so in the stores that it collects from; not so while it has no connection, nor when no worker is there. */
  const saysItself = (driver: Driver, store: StoreRef) =>
    writer !== '' && driver.collects === true && (driver.leadsTo?.(store) ?? driver.ownStore?.() === store.id)

  return {
    in(store) {
      const known = all.get(store.id)
      if (known) return known.telling
      const driver = drivers.get(store.driver)
      if (settings.disabled || !driver?.announce || saysItself(driver, store)) return undefined
      const told: Told = { driver, store, telling: undefined, stands: 'nowhere' }
      all.set(store.id, told)
      return tell(told)
    },
    async again() {
      isOver = false
      await Promise.all([...all.values()].map((told) => (told.stands === 'over' ? tell(told) : undefined)))
    },
    async over() {
      if (timer) clock.clearTimeout(timer)
      timer = undefined
      isOver = true
      await Promise.all([...all.values()].map(({ telling }) => telling))
      const standing = [...all.values()].filter(({ stands }) => stands === 'there')
      await Promise.all(standing.map((told) => say(told, true)))
      for (const told of standing) told.stands = 'over'
    },
  }
}
