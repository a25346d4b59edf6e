/** An open store for removals: a file through Dustpan's own client, an in-memory database through the client that captured it. */
import { DustpanError, type StoreConnection, type StoreRef } from '@dustpan/core/driver'
import type { LogOptions } from '../application/installation.ts'
import type { RestoresTable } from '../application/restored-tables.ts'
import { putBackRows } from '../backup/put-back.ts'
import { readUnmarked } from '../backup/read-rows.ts'
import type { Client } from '../client.ts'
import type { ClientName, FilesOption, SoftDeleteColumns } from '../options.ts'
import { countMatches, removedMatches, removeMatches } from '../predicate/by-predicate.ts'
import type { PredicateOptions } from '../predicate/store.ts'
import { clientsAt, connectionsTo } from '../registry.ts'
import { readTables } from '../tables.ts'
import { sortTargets } from './batches.ts'
import { openClient } from './open-client.ts'
import { probeRows } from './probe.ts'
import { relateRows } from './relate.ts'
import { removeRows } from './remove.ts'
import { resolve } from './resolve.ts'
import { RemovalFiles } from './row-files.ts'

export interface OpenStore {
  readonly client: Client
  readonly schema: string
  readonly softDelete: { readonly [table: string]: SoftDeleteColumns }
  readonly files: FilesOption
  readonly root: string
  /** Opened by Dustpan; otherwise it is the user's. */
  readonly isOwn: boolean
  /** Whether a client of this process holds a transaction there, so that waiting is pointless. */
  isHeld(): boolean
  /** Runs statements that are not captured. */
  apart<T>(run: () => T): T
  close(): void
}

export interface OpenOptions {
  readonly client: ClientName | undefined
  readonly root: string
  readonly softDelete: OpenStore['softDelete']
  readonly files: FilesOption
  readonly predicate: PredicateOptions
  /** Set if rows written by the application are collected too. */
  readonly log: LogOptions | undefined
  readonly restores: RestoresTable
}

export type OpenFileOptions = Omit<OpenOptions, 'predicate' | 'log' | 'restores'>

/** The operations on an open store. */
export function connectionOf(open: OpenStore, { predicate }: OpenOptions): RowConnection {
  return {
    remove: async (targets, ctx) => {
      const files = new RemovalFiles(open.files, open.root, ctx.warn)
      const outcomes = open.apart(() => removeRows(open, targets, ctx, files))
      return files.remove(open, outcomes, ctx)
    },
    relate: async (targets, { dependents }) => open.apart(() => relateRows(open, targets, dependents)),
    probe: async (targets) => open.apart(() => probeRows(open, targets)),
    async backup(targets) {
      const rows = open.apart(() => readUnmarked(open, sortTargets(open, readTables(open.client), targets).batches))
      return new Map([...rows].map(([id, fields]) => [id, { fields }]))
    },
    putBack: async (backups, ctx) => open.apart(() => putBackRows(open, backups, ctx)),
    count: async (selection) => open.apart(() => countMatches(open, predicate, selection)),
    async removeWhere(selection, agreed, ctx) {
      const files = new RemovalFiles(open.files, open.root, ctx.warn)
      const removed = open.apart(() => removeMatches(open, predicate, selection, agreed, ctx, files))
      await files.remove(open, removed.outcomes, ctx)
      return removedMatches(removed)
    },
    resolve: async (request) => open.apart(() => resolve(open, predicate, request)),
    [Symbol.asyncDispose]: async () => open.close(),
  }
}

/** A connection with all optional operations that this driver supports. */
export type RowConnection = StoreConnection &
  Required<Pick<StoreConnection, 'relate' | 'probe' | 'backup' | 'putBack' | 'count' | 'removeWhere' | 'resolve'>>

/** Opens an in-memory store through the user's client that has it open. */
export function captured(store: StoreRef, { softDelete, files, root }: OpenOptions): OpenStore {
  const [found] = connectionsTo(store.id)
  if (found === undefined) {
    throw new DustpanError(
      'DUSTPAN_STORE_GONE',
      `The database in memory ${store.id} was closed, or its process is over`,
    )
  }
  return {
    client: found.client,
    schema: found.schemaOf(store.id) ?? 'main',
    softDelete,
    files,
    root,
    isOwn: false,
    isHeld: () => found.client.inTransaction,
    apart: (run) => found.apart(run),
    close: () => {},
  }
}

export async function openFile(
  path: string,
  { client: library, root, softDelete, files }: OpenFileOptions,
): Promise<OpenStore> {
  const isHeld = () => clientsAt(path).some(({ inTransaction }) => inTransaction)
  const client = await openClient(path, { client: library, root })
  return {
    ...{ client, schema: 'main', softDelete, files, root, isOwn: true, isHeld },
    apart: (run) => run(),
    close: () => {
      if (client.isOpen) client.close()
    },
  }
}
