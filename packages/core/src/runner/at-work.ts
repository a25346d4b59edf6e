/**
 * Announces a process, or a whole run, in stores that keep a log of writes, so that no other run claims its rows that name no test. Done
 * even if the run itself collects nothing, and its driver has no other reason to use that store.
 */

import { late, untilDeadline } from '../cleanup/deadline.ts'
import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import type { Code } from '../errors/codes.ts'
import { describeError } from '../errors/dustpan-error.ts'
import { guardReach, guardStore } from '../planning/guard.ts'
import type { Driver } from '../resource/driver.ts'
import type { StoreRef } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import type { Tracking } from '../tracking/tracking.ts'

export interface AtWork {
  /** Announces it in a store. Never rejects. Undefined if that was done before, or is not needed. */
  in(store: StoreRef): Promise<void> | undefined
  /** Repeats all announcements that `over` withdrew. Never rejects. */
  again(): Promise<void>
  /** Withdraws all announcements. Never rejects. */
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

/** The longest that a statement waits for the announcement. */
const patienceMs = 5_000
/** Well within the ten minutes of silence after which a store takes a process for ended. */
const renewEveryMs = 180_000

interface Announcement {
  readonly driver: Driver
  readonly store: StoreRef
  /** Undefined once the store has answered. */
  sending: Promise<void> | undefined
  /** `none`: the store has no log, or the announcement failed. */
  state: 'announced' | 'withdrawn' | 'none'
}

export function atWork({ settings, drivers, run, writer, asOwn, warn }: Worker): AtWork {
  const since = clock.now()
  const all = new Map<string, Announcement>()
  let isOver = false
  let timer: ReturnType<typeof clock.setTimeout> | undefined

  const warnOfFailure = (code: Code, { driver, id }: StoreRef, why: string) => {
    if (isOver) return
    const where = `${driver} (${withoutIdentity(id)})`
    warn(code, `Other runs cannot see that this one writes to ${where}, and may remove what it writes: ${why}`)
  }

  const send = async ({ driver, store }: Announcement, ended: boolean): Promise<boolean> => {
    const who = { run, writer, since, ...(ended ? { ended } : {}) }
    const guard = (id: string) => guardStore(settings, { ...store, id })
    try {
      guardReach(settings, store, driver.capabilities)
      const deadline = clock.now() + patienceMs
      const answer = await untilDeadline(deadline, (signal) =>
        asOwn(async () => driver.announce?.(store, who, { signal, deadline, guard })),
      )
      if (answer === late) warnOfFailure('DUSTPAN_STORE_UNREACHABLE', store, 'it did not answer in time')
      return answer === true
    } catch (error) {
      const { code, message } = describeError(error, 'DUSTPAN_STORE_UNREACHABLE')
      warnOfFailure(code, store, message)
      return false
    }
  }

  const announce = (one: Announcement): Promise<void> => {
    one.sending ??= send(one, false).then((isAnnounced) => {
      one.state = isAnnounced ? 'announced' : 'none'
      one.sending = undefined
      if (isAnnounced) renewLater()
    })
    return one.sending
  }

  const renewLater = () => {
    if (timer) return
    timer = clock.setTimeout(() => {
      timer = undefined
      for (const one of all.values()) if (one.state === 'announced') void announce(one)
    }, renewEveryMs)
    timer.unref()
  }

  /** Workers announce themselves when they collect from a store; but not if they have no connection to it, or there is no worker. */
  const isAnnouncedByCollector = (driver: Driver, store: StoreRef) =>
    writer !== '' && driver.collects === true && (driver.leadsTo?.(store) ?? driver.ownStore?.() === store.id)

  return {
    in(store) {
      const known = all.get(store.id)
      if (known) return known.sending
      const driver = drivers.get(store.driver)
      if (settings.disabled || !driver?.announce || isAnnouncedByCollector(driver, store)) return undefined
      const one: Announcement = { driver, store, sending: undefined, state: 'none' }
      all.set(store.id, one)
      return announce(one)
    },
    async again() {
      isOver = false
      await Promise.all([...all.values()].map((one) => (one.state === 'withdrawn' ? announce(one) : undefined)))
    },
    async over() {
      if (timer) clock.clearTimeout(timer)
      timer = undefined
      isOver = true
      await Promise.all([...all.values()].map(({ sending }) => sending))
      const announced = [...all.values()].filter(({ state }) => state === 'announced')
      await Promise.all(announced.map((one) => send(one, true)))
      for (const one of announced) one.state = 'withdrawn'
    },
  }
}
