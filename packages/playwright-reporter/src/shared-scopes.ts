/** The scopes that several tests share: their file, and within it a serial group. */
import type { OpenScope, RunnerSession } from '@dustpan/core/worker'
import type { TestInfo } from '@playwright/test'
import { attachReport } from './attach.ts'
import { fileIdentity, groupIdentity, requiredFile } from './identity.ts'
import type { Pointer } from './pointer.ts'
import type { SerialGroup } from './pools.ts'
import { type AttemptVerdict, worst } from './verdict.ts'

export interface SharedScope {
  /** Equal for all tests that share the scope. */
  readonly key: unknown
  readonly scope: OpenScope
  /** The verdicts of its tests and hooks so far. */
  readonly endings: AttemptVerdict[]
}

export interface SharedScopes {
  /** The scope of the test's file. When it is a new file, the one before it is over. */
  file(info: TestInfo): SharedScope
  /** The scope of the test's serial group, if it is in one. */
  group(info: TestInfo, group: SerialGroup | undefined): SharedScope | undefined
  /** Closes the group after its last test, to which the report is attached. */
  closeGroup(info: TestInfo): Promise<void>
  /** Closes finished scopes. As hooks run after a file's last test, only the next file's first test shows that a file is over. */
  closeOver(): Promise<void>
  /** @param failed the test that ended the worker, for the report of its group */
  closeAll(failed: TestInfo | undefined): Promise<void>
}

export function newSharedScopes(session: RunnerSession, worker: OpenScope, pointer: Pointer): SharedScopes {
  const { root } = session.settings
  const over: SharedScope[] = []
  let file: SharedScope | undefined
  let group: SharedScope | undefined
  let failure: unknown

  const end = (entry: SharedScope | undefined) => {
    if (!entry) return
    pointer.leave(entry.scope)
    over.push(entry)
  }

  const close = async ({ scope, endings }: SharedScope, info?: TestInfo) => {
    const verdict = worst(endings.map((ending) => ending.verdict))
    const report = await scope.close(verdict, { willRetry: endings.some(({ willRetry }) => willRetry) })
    if (report && info) await attachReport(info, report, verdict)
    try {
      session.failIfAsked(report)
    } catch (error) {
      failure ??= error
    }
  }

  const shared: SharedScopes = {
    file(info) {
      const key = requiredFile(info)
      if (file?.key === key) return file
      shared.group(info, undefined)
      end(file)
      file = { key, scope: session.openScope(worker, fileIdentity(root, info)), endings: [] }
      pointer.enter(file.scope)
      return file
    },
    group(info, key) {
      if (group?.key === key) return group
      end(group)
      const titles = key?.titlePath().slice(1) ?? []
      const open = () => session.openScope(shared.file(info).scope, groupIdentity(root, info, titles))
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
      for (const entry of over.splice(0)) await close(entry)
    },
    async closeAll(failed) {
      if (group) await close(group, failed)
      end(file)
      await shared.closeOver()
      // Thrown only here, so that it does not fail an unrelated test.
      if (failure !== undefined) throw failure
    },
  }
  return shared
}
