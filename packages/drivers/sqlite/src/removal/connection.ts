/** Opens a store for removing: a file with a connection of its own, a database in memory through the client that captured it. */
import { DustpanError, rowNotBack, type StoreConnection, type StoreRef } from '@dustpan/core/driver'
import { Collecting } from '../application/collecting.ts'
import type { Wanted } from '../application/installation.ts'
import type { RestoresTable } from '../application/restored-tables.ts'
import { putBackRows } from '../backup/put-back.ts'
import { readUnmarked } from '../backup/read-rows.ts'
import type { Client } from '../client.ts'
import { fileStore, isMemoryStore, pathOf } from '../identity.ts'
import type { ClientName, FilesOption, SoftDeleteColumns } from '../options.ts'
import { countMatches, removedMatches, removeMatches } from '../predicate/by-predicate.ts'
import type { PredicateOptions } from '../predicate/store.ts'
import { connectionsTo } from '../registry.ts'
import { readTables } from '../tables.ts'
import { sortTargets } from './batches.ts'
import { isSameLibrary, openClient } from './open-client.ts'
import { probeRows } from './probe.ts'
import { relateRows } from './relate.ts'
import { removeRows } from './remove.ts'
import { resolve } from './resolve.ts'
import { FilesOfRemoval } from './row-files.ts'

export interface OpenStore {
  readonly client: Client
  /** Before it is used: it is opened by the library that this process uses for the same file, as soon as there is one. */
  ready(): Promise<void>
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
  /** Where what the application writes is collected too. */
  readonly log: Wanted | undefined
  readonly restores: RestoresTable
}

export type HowToOpenFile = Omit<HowToOpen, 'predicate' | 'log' | 'restores'>

export async function openStore(store: StoreRef, how: HowToOpen): Promise<StoreConnection> {
  if (isMemoryStore(store.id)) return connection(inMemory(store, how), how)
  const path = pathOf(store.id)
  const found = path === undefined ? undefined : fileStore(path)
  if (path === undefined || (found !== undefined && found !== store.id)) throw wrongStore(store, found)
  if (found === undefined) return withoutFile()
  const open = await openFile(path, how)
  const removing = connection(open, how)
  return how.log ? new Collecting(open, store.id, how.log, how.restores).around(removing) : removing
}

function connection(open: OpenStore, { predicate }: HowToOpen): StoreConnection {
  return {
    remove: async (targets, ctx) => {
      await open.ready()
      const files = new FilesOfRemoval(open.files, open.root, ctx.warn)
      const outcomes = open.apart(() => removeRows(open, targets, ctx, files))
      return files.remove(open, outcomes, ctx)
    },
    async relate(targets, { dependents }) {
      await open.ready()
      return open.apart(() => relateRows(open, targets, dependents))
    },
    async probe(targets) {
      await open.ready()
      return open.apart(() => probeRows(open, targets))
    },
    async backup(targets) {
      await open.ready()
      const rows = open.apart(() => readUnmarked(open, sortTargets(open, readTables(open.client), targets).batches))
      return new Map([...rows].map(([id, fields]) => [id, { fields }]))
    },
    async putBack(backups, ctx) {
      await open.ready()
      return open.apart(() => putBackRows(open, backups, ctx))
    },
    async count(selection) {
      await open.ready()
      return open.apart(() => countMatches(open, predicate, selection))
    },
    async removeWhere(selection, agreed, ctx) {
      await open.ready()
      const files = new FilesOfRemoval(open.files, open.root, ctx.warn)
      const removed = open.apart(() => removeMatches(open, predicate, selection, agreed, ctx, files))
      await files.remove(open, removed.outcomes, ctx)
      return removedMatches(removed)
    },
    async resolve(request) {
      await open.ready()
      return open.apart(() => resolve(open, predicate, request))
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
    ready: async () => {},
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

export async function openFile(
  path: string,
  { client: first, root, softDelete, files }: HowToOpenFile,
): Promise<OpenStore> {
  const ofProcess = () => connectionsTo(fileStore(path) ?? '').map(({ client }) => client)
  const isHeld = () => ofProcess().some(({ inTransaction }) => inTransaction)
  const open = () => openClient(path, { first: first ?? 'node:sqlite', root, like: ofProcess()[0]?.database })
  const close = (client: Client) => {
    if (client.isOpen) client.close()
  }
  let client = await open()
  return {
    get client() {
      return client
    },
    async ready() {
      const like = ofProcess()[0]?.database
      if (!like || isSameLibrary(like, client.database) || isHeld()) return
      close(client)
      client = await open()
    },
    ...{ schema: 'main', softDelete, files, root, isOwn: true, isHeld },
    apart: (run) => run(),
    close: () => close(client),
  }
}

/** The database was deleted, and the rows with it. */
function withoutFile(): StoreConnection {
  return {
    remove: async (targets) =>
      new Map(targets.map(({ id }) => [id, { state: 'already-gone', result: 'the database file is gone' }])),
    probe: async (targets) => new Map(targets.map(({ id }) => [id, 'absent'])),
    backup: async () => new Map(),
    putBack: async (backups) =>
      new Map(backups.map((one) => [one.target.id, rowNotBack(one, 'the database file is gone')])),
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
