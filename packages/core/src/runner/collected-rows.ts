/** Collects from stores with a log when a worker's scopes close. */
import type { CleanupContext } from '../cleanup/context.ts'
import { clock } from '../clock/clock.ts'
import { askStore, type CollectingStore, collectFrom, collectingStores } from '../recovery/collect.ts'
import { ancestors, type Scope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'
import type { ApplicationRows } from './application-rows.ts'

/** The longest that a test's end waits for a store's log; later rows are collected at the end of the file. */
const patienceMs = 5_000

/** Undefined if there is no store to ask. */
export function collectedRows(tracking: Tracking, context: CleanupContext): ApplicationRows | undefined {
  const stores = collectingStores(tracking)
  if (stores.length === 0) return undefined
  const windows = openWindows()
  const since = clock.now()
  const down = new Set<CollectingStore>()
  let announced: Promise<unknown> | undefined
  const announce = () => {
    announced ??= Promise.all(stores.map((store) => announceIn(store, since, context)))
    return announced
  }
  return {
    collects: true,
    opened: windows.opened,
    async ready() {
      await announce()
    },
    async collect(scope, deadline) {
      const { members, alone } = windows.closed(scope)
      const byId = new Map(members.map((member) => [member.id, member]))
      const what = { writer: context.writer, scopes: [...byId.keys()], ...(alone ? { alone } : {}) }
      await announce()
      for (const store of stores) {
        if (down.has(store) && scope.identity.kind === 'test') continue
        const until = Math.min(deadline, clock.now() + patienceMs)
        const answered = await collectFrom(store, what, (id) => byId.get(id ?? '') ?? scope, tracking, context, until)
        if (answered) down.delete(store)
        else down.add(store)
      }
    },
  }
}

function announceIn(store: CollectingStore, since: number, context: CleanupContext): Promise<boolean> {
  const { run, writer } = context
  return askStore(
    store,
    (connection, ctx) => connection.announce?.({ run, writer, since }, ctx),
    context,
    clock.now() + patienceMs,
  )
}

interface Window {
  readonly from: number
  /** Whether no other scope was open at the same time, except its ancestors and descendants. */
  alone: boolean
  /** The scope itself and, for a file, its tests. */
  readonly members: Scope[]
}

/** Records which scopes were open, and when: a row that names no test belongs to a scope only if no other test was running. */
function openWindows() {
  const open = new Map<Scope, Window>()
  return {
    opened(scope: Scope): void {
      const around = ancestors(scope)
      const window: Window = { from: clock.now(), alone: true, members: [scope] }
      for (const [other, otherWindow] of open) {
        if (around.includes(other)) {
          if (other.identity.kind === 'file') otherWindow.members.push(scope)
        } else {
          otherWindow.alone = false
          window.alone = false
        }
      }
      open.set(scope, window)
    },
    closed(scope: Scope): { members: readonly Scope[]; alone: { from: number; to: number } | undefined } {
      const { from, alone, members } = open.get(scope) ?? { from: 0, alone: false, members: [scope] }
      open.delete(scope)
      return { members, alone: alone ? { from, to: clock.now() } : undefined }
    },
  }
}
