/**
 * A database file: opened for what is done, and closed when that is over. A client that stayed open would be in the user's way: it keeps the
 * journal of the file, and what it remembers of a file that is replaced in place it may write into the new one.
 */
import {
  DustpanError,
  type RemovalOutcome,
  rowNotBack,
  type StoreConnection,
  type StoreRef,
} from '@dustpan/core/driver'
import { Collecting, type Told } from '../application/collecting.ts'
import { fileStore, pathOf } from '../identity.ts'
import { connectionsTo } from '../registry.ts'
import { captured, connectionOf, type HowToOpen, type OpenStore, openFile, type RowConnection } from './connection.ts'
import { missingFunction } from './outcomes.ts'

export function fileConnection(store: StoreRef, how: HowToOpen): StoreConnection {
  /** Undefined: the database was deleted, and the rows with it. */
  const opened = async <T>(work: (open: OpenStore) => Promise<T>): Promise<T | undefined> => {
    if (!isThere(store)) return undefined
    const open = await openFile(pathOf(store.id) as string, how)
    try {
      return await work(open)
    } finally {
      open.close()
    }
  }
  const through = <T>(work: (rows: RowConnection) => Promise<T>) => opened((open) => work(connectionOf(open, how)))
  const found = async <T>(answer: Promise<T | undefined>): Promise<T> => (await answer) ?? gone(store)
  return {
    async remove(targets, ctx) {
      const outcomes = await through((rows) => rows.remove(targets, ctx))
      if (outcomes === undefined) return withoutFile.remove(targets, ctx)
      const lacking = targets.filter(({ id }) => lacksFunction(outcomes.get(id)))
      if (lacking.length === 0 || connectionsTo(store.id).length === 0) return outcomes
      return new Map([...outcomes, ...(await connectionOf(captured(store, how), how).remove(lacking, ctx))])
    },
    relate: async (...asked) => (await through((rows) => rows.relate(...asked))) ?? unrelated,
    probe: async (...asked) => (await through((rows) => rows.probe(...asked))) ?? withoutFile.probe(...asked),
    backup: async (...asked) => (await through((rows) => rows.backup(...asked))) ?? withoutFile.backup(...asked),
    putBack: async (...asked) => (await through((rows) => rows.putBack(...asked))) ?? withoutFile.putBack(...asked),
    count: (...asked) => found(through((rows) => rows.count(...asked))),
    removeWhere: (...asked) => found(through((rows) => rows.removeWhere(...asked))),
    resolve: (...asked) => found(through((rows) => rows.resolve(...asked))),
    ...logged(store, how, opened),
  }
}

type Opened = (work: (open: OpenStore) => Promise<void>) => Promise<void>

function logged(store: StoreRef, { log, restores }: HowToOpen, opened: Opened) {
  if (!log) return { [Symbol.asyncDispose]: async () => {} }
  const told: Told = {}
  const collecting = (open: OpenStore) => new Collecting(open, store.id, log, restores, told)
  return {
    announce: (...asked) => opened((open) => collecting(open).announce(...asked)),
    collect: (...asked) => opened((open) => collecting(open).collect(...asked)),
    async [Symbol.asyncDispose]() {
      if (told.at !== undefined) await opened((open) => collecting(open).leave()).catch(() => {})
    },
  } satisfies Partial<StoreConnection>
}

/** A trigger calls what the application has registered: a client of its own has it. */
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
