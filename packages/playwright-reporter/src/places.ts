/** The scopes that several tests share: their file, and within it a serial group, whose tests build on each other. */
import type { OpenScope, RunnerSession } from '@dustpan/core/worker'
import type { TestInfo } from '@playwright/test'
import { attachReport } from './attach.ts'
import { fileIdentity, groupIdentity, requiredFile } from './identity.ts'
import type { Pointer } from './pointer.ts'
import type { SerialGroup } from './pools.ts'
import { type AttemptVerdict, worst } from './verdict.ts'

export interface Place {
  /** What the next test must have in common to be in it too. */
  readonly key: unknown
  readonly scope: OpenScope
  /** How its tests and hooks ended so far. */
  readonly endings: AttemptVerdict[]
}

export interface Places {
  /** The test's file; the one before it is over when it is another. */
  file(info: TestInfo): Place
  /** The test's serial group, if it is in one. */
  group(info: TestInfo, group: SerialGroup | undefined): Place | undefined
  /** The group is over with this test, whose report tells of it. */
  closeGroup(info: TestInfo): Promise<void>
  /** Cleans up where nothing will happen any more. Hooks run after a file's last test, so that only the next one shows that it is over. */
  closeOver(): Promise<void>
  /** @param failed the test that ended the worker, for the report of its group */
  closeAll(failed: TestInfo | undefined): Promise<void>
}

export function sharedPlaces(session: RunnerSession, worker: OpenScope, pointer: Pointer): Places {
  const { root } = session.settings
  const over: Place[] = []
  let file: Place | undefined
  let group: Place | undefined
  let failure: unknown

  const end = (place: Place | undefined) => {
    if (!place) return
    pointer.leave(place.scope)
    over.push(place)
  }

  const close = async ({ scope, endings }: Place, info?: TestInfo) => {
    const verdict = worst(endings.map((ending) => ending.verdict))
    const report = await scope.close(verdict, { willRetry: endings.some(({ willRetry }) => willRetry) })
    if (report && info) await attachReport(info, report, verdict)
    try {
      session.failIfAsked(report)
    } catch (error) {
      failure ??= error
    }
  }

  const places: Places = {
    file(info) {
      const key = requiredFile(info)
      if (file?.key === key) return file
      places.group(info, undefined)
      end(file)
      file = { key, scope: session.openScope(worker, fileIdentity(root, info)), endings: [] }
      pointer.enter(file.scope)
      return file
    },
    group(info, key) {
      if (group?.key === key) return group
      end(group)
      const titles = key?.titlePath().slice(1) ?? []
      const open = () => session.openScope(places.file(info).scope, groupIdentity(root, info, titles))
      group = key && { key, scope: open(), endings: [] }
      return group
    },
    async closeGroup(info) {
      if (!group) return
      const ended = group
      group = undefined
      await close(ended, info)
    },
    async closeOver() {
      for (const place of over.splice(0)) await close(place)
    },
    async closeAll(failed) {
      if (group) await close(group, failed)
      end(file)
      await places.closeOver()
      // Not while one of the tests is under way, which has nothing to do with it.
      if (failure !== undefined) throw failure
    },
  }
  return places
}
