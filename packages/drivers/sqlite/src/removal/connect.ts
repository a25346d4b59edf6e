/** Opens a store for removing: a file with a connection of its own, a database in memory through the client that captured it. */
import { DustpanError, type StoreConnection, type StoreRef } from '@dustpan/core/driver'
import type { Client } from '../client.ts'
import { fileStore, isMemoryStore, pathOf } from '../identity.ts'
import type { ClientName, FilesOption, SoftDeleteColumns } from '../options.ts'
import { countMatches, matchesOf, removeMatches } from '../predicate/by-predicate.ts'
import type { PredicateOptions } from '../predicate/store.ts'
import { connectionsTo } from '../registry.ts'
import { openClient } from './open-client.ts'
import { probeRows } from './probe.ts'
import { relateRows } from './relate.ts'
import { removeRows } from './remove.ts'
import { FilesOfRemoval } from './row-files.ts'

export interface OpenStore {
  readonly client: Client
  readonly schema: string
  readonly softDelete: { readonly [table: string]: SoftDeleteColumns }
  readonly files: FilesOption
  readonly root: string
  /** Opened by Dustpan; otherwise the user's. */
  readonly isOwn: boolean
  /** Whether a client of this process is inside a transaction there, which no waiting would end. */
  isHeld(): boolean
  /** Runs statements that are not captured. */
  apart<T>(run: () => T): T
  close(): void
}

export interface HowToOpen {
  readonly client: ClientName | undefined
  readonly root: string
  readonly softDelete: OpenStore['softDelete']
  readonly files: FilesOption
  readonly predicate: PredicateOptions
}

export async function openStore(store: StoreRef, how: HowToOpen): Promise<StoreConnection> {
  if (isMemoryStore(store.id)) return connection(inMemory(store, how), how)
  const path = pathOf(store.id)
  const found = path === undefined ? undefined : fileStore(path)
  if (path === undefined || (found !== undefined && found !== store.id)) throw wrongStore(store, found)
  return found === undefined ? withoutFile() : connection(await inFile(store, path, how), how)
}

function connection(open: OpenStore, { predicate }: HowToOpen): StoreConnection {
  return {
    remove: async (targets, ctx) => {
      const files = new FilesOfRemoval(open.files, open.root, ctx.warn)
      const outcomes = open.apart(() => removeRows(open, targets, ctx, files))
      return files.remove(open, outcomes, ctx)
    },
    relate: async (targets, { dependents }) => open.apart(() => relateRows(open, targets, dependents)),
    probe: async (targets) => open.apart(() => probeRows(open, targets)),
    count: async (selection) => open.apart(() => countMatches(open, predicate, selection)),
    async removeWhere(selection, agreed, ctx) {
      const files = new FilesOfRemoval(open.files, open.root, ctx.warn)
      const removed = open.apart(() => removeMatches(open, predicate, selection, agreed, ctx, files))
      await files.remove(open, removed.outcomes, ctx)
      return matchesOf(removed)
    },
    [Symbol.asyncDispose]: async () => open.close(),
  }
}

function inMemory(store: StoreRef, { softDelete, files, root }: HowToOpen): OpenStore {
  const [captured] = connectionsTo(store.id)
  if (captured === undefined) {
    throw new DustpanError(
      'DUSTPAN_STORE_GONE',
      `The database in memory ${store.id} was closed, or its process is over`,
    )
  }
  return {
    client: captured.client,
    schema: captured.schemaOf(store.id) ?? 'main',
    softDelete,
    files,
    root,
    isOwn: false,
    isHeld: () => captured.client.inTransaction,
    apart: (run) => captured.apart(run),
    close: () => {},
  }
}

async function inFile(store: StoreRef, path: string, how: HowToOpen): Promise<OpenStore> {
  const like = connectionsTo(store.id)[0]?.client.database
  const client = await openClient(path, { first: how.client ?? 'node:sqlite', root: how.root, like })
  return {
    client,
    schema: 'main',
    softDelete: how.softDelete,
    files: how.files,
    root: how.root,
    isOwn: true,
    isHeld: () => connectionsTo(store.id).some((captured) => captured.client.inTransaction),
    apart: (run) => run(),
    close: () => {
      if (client.isOpen) client.close()
    },
  }
}

/** The database was deleted, and the rows with it. */
function withoutFile(): StoreConnection {
  return {
    remove: async (targets) =>
      new Map(targets.map(({ id }) => [id, { state: 'already-gone', result: 'the database file is gone' }])),
    probe: async (targets) => new Map(targets.map(({ id }) => [id, 'absent'])),
    [Symbol.asyncDispose]: async () => {},
  }
}

function wrongStore(store: StoreRef, found: string | undefined): DustpanError {
  return new DustpanError(
    'DUSTPAN_WRONG_STORE',
    `The database is another one than the rows were created in: expected ${store.id}, found ${found ?? 'none'}`,
    { hint: 'The file was replaced since. If its rows are test data, delete the file; nothing was changed.' },
  )
}
