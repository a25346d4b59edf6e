/**
 * A connection to a database file that opens it for each operation and closes it afterwards. A client that stayed open would get
 * in the user's way: it holds the journal of the file, and after the file is replaced in place it may write cached pages into the
 * new one.
 */
import { DustpanError, type RemovalOutcome, type StoreConnection, type StoreRef } from '@dustpan/core/driver'
import { rowNotBack } from '@dustpan/core/rows'
import { type Announcement, Collecting } from '../application/collecting.ts'
import { fileStore, pathOf } from '../identity.ts'
import { connectionsTo } from '../registry.ts'
import { captured, connectionOf, type OpenOptions, type OpenStore, openFile, type RowConnection } from './connection.ts'
import { missingFunction } from './outcomes.ts'

export function fileConnection(store: StoreRef, options: OpenOptions): StoreConnection {
  /** Returns undefined if the database was deleted, and its rows with it. */
  const opened = async <T>(work: (open: OpenStore) => Promise<T>): Promise<T | undefined> => {
    if (!isThere(store)) return undefined
    const open = await openFile(pathOf(store.id) as string, options)
    try {
      return await work(open)
    } finally {
      open.close()
    }
  }
  const through = <T>(work: (rows: RowConnection) => Promise<T>) => opened((open) => work(connectionOf(open, options)))
  const found = async <T>(answer: Promise<T | undefined>): Promise<T> => (await answer) ?? gone(store)
  return {
    async remove(targets, ctx) {
      const outcomes = await through((rows) => rows.remove(targets, ctx))
      if (outcomes === undefined) return withoutFile.remove(targets, ctx)
      const lacking = targets.filter(({ id }) => lacksFunction(outcomes.get(id)))
      if (lacking.length === 0 || connectionsTo(store.id).length === 0) return outcomes
      return new Map([...outcomes, ...(await connectionOf(captured(store, options), options).remove(lacking, ctx))])
    },
    relate: async (...args) => (await through((rows) => rows.relate(...args))) ?? unrelated,
    probe: async (...args) => (await through((rows) => rows.probe(...args))) ?? withoutFile.probe(...args),
    backup: async (...args) => (await through((rows) => rows.backup(...args))) ?? withoutFile.backup(...args),
    putBack: async (...args) => (await through((rows) => rows.putBack(...args))) ?? withoutFile.putBack(...args),
    count: (...args) => found(through((rows) => rows.count(...args))),
    removeWhere: (...args) => found(through((rows) => rows.removeWhere(...args))),
    resolve: (...args) => found(through((rows) => rows.resolve(...args))),
    ...logged(store, options, opened),
  }
}

type Opened = (work: (open: OpenStore) => Promise<void>) => Promise<void>

function logged(store: StoreRef, { log, restores }: OpenOptions, opened: Opened) {
  if (!log) return { [Symbol.asyncDispose]: async () => {} }
  const announcement: Announcement = {}
  const collecting = (open: OpenStore) => new Collecting(open, store.id, log, restores, announcement)
  return {
    announce: (...args) => opened((open) => collecting(open).announce(...args)),
    collect: (...args) => opened((open) => collecting(open).collect(...args)),
    async [Symbol.asyncDispose]() {
      if (announcement.at !== undefined) await opened((open) => collecting(open).leave()).catch(() => {})
    },
  } satisfies Partial<StoreConnection>
}

/** A trigger calls a function that only the application registers: the application's own connection has it. */
const lacksFunction = (outcome: RemovalOutcome | undefined): boolean =>
  outcome?.state === 'failed' && missingFunction(outcome.error) !== undefined

/** @throws DustpanError `DUSTPAN_WRONG_STORE` when there is another file. */
export function isThere({ id }: StoreRef): boolean {
  const path = pathOf(id)
  const found = path === undefined ? undefined : fileStore(path)
  if (path !== undefined && (found === undefined || found === id)) return found !== undefined
  throw new DustpanError(
    'DUSTPAN_WRONG_STORE',
    `The database is another one than the rows were created in: expected ${id}, found ${found ?? 'none'}`,
    { hint: 'The file was replaced since. If its rows are test data, delete the file; nothing was changed.' },
  )
}

const fileGone = 'the database file is gone'

/** The database was deleted, and the rows with it. */
export const withoutFile: WithoutFile = {
  remove: async (targets) =>
    new Map(targets.map(({ id }) => [id, { state: 'already-gone', result: fileGone }] as const)),
  probe: async (targets) => new Map(targets.map(({ id }) => [id, 'absent'])),
  backup: async () => new Map(),
  putBack: async (backups) => new Map(backups.map((one) => [one.target.id, rowNotBack(one, fileGone)])),
  [Symbol.asyncDispose]: async () => {},
}

type WithoutFile = StoreConnection & Required<Pick<StoreConnection, 'probe' | 'backup' | 'putBack'>>

const unrelated = { group: new Map(), edges: [], dependents: [] }

function gone({ id }: StoreRef): never {
  throw new DustpanError('DUSTPAN_STORE_UNREACHABLE', `The database is not there any more: ${id}`)
}
