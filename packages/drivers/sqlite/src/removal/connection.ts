/** A store that is open for removing: a file by a client of its own, a database in memory by the client that captured it. */
import { DustpanError, type StoreConnection, type StoreRef } from '@dustpan/core/driver'
import type { Wanted } from '../application/installation.ts'
import type { RestoresTable } from '../application/restored-tables.ts'
import { putBackRows } from '../backup/put-back.ts'
import { readUnmarked } from '../backup/read-rows.ts'
import type { Client } from '../client.ts'
import { fileStore } from '../identity.ts'
import type { ClientName, FilesOption, SoftDeleteColumns } from '../options.ts'
import { countMatches, removedMatches, removeMatches } from '../predicate/by-predicate.ts'
import type { PredicateOptions } from '../predicate/store.ts'
import { clientsOf, connectionsTo } from '../registry.ts'
import { readTables } from '../tables.ts'
import { sortTargets } from './batches.ts'
import { openClient } from './open-client.ts'
import { probeRows } from './probe.ts'
import { relateRows } from './relate.ts'
import { removeRows } from './remove.ts'
import { resolve } from './resolve.ts'
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
  /** Where what the application writes is collected too. */
  readonly log: Wanted | undefined
  readonly restores: RestoresTable
}

export type HowToOpenFile = Omit<HowToOpen, 'predicate' | 'log' | 'restores'>

/** Everything that is done with an open store, as long as it is. */
export function connectionOf(open: OpenStore, { predicate }: HowToOpen): RowConnection {
  return {
    remove: async (targets, ctx) => {
      const files = new FilesOfRemoval(open.files, open.root, ctx.warn)
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
      const files = new FilesOfRemoval(open.files, open.root, ctx.warn)
      const removed = open.apart(() => removeMatches(open, predicate, selection, agreed, ctx, files))
      await files.remove(open, removed.outcomes, ctx)
      return removedMatches(removed)
    },
    resolve: async (request) => open.apart(() => resolve(open, predicate, request)),
    [Symbol.asyncDispose]: async () => open.close(),
  }
}

/** What this driver's connections do. */
export type RowConnection = StoreConnection &
  Required<Pick<StoreConnection, 'relate' | 'probe' | 'backup' | 'putBack' | 'count' | 'removeWhere' | 'resolve'>>

/** By the client of the user's that has it open. */
export function captured(store: StoreRef, { softDelete, files, root }: HowToOpen): OpenStore {
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
  { client: first, root, softDelete, files }: HowToOpenFile,
): Promise<OpenStore> {
  const ofProcess = () => {
    const id = fileStore(path) ?? ''
    return [...connectionsTo(id).map(({ client }) => client), ...clientsOf(id)]
  }
  const isHeld = () => ofProcess().some(({ inTransaction }) => inTransaction)
  const client = await openClient(path, { first: first ?? 'node:sqlite', root, like: ofProcess()[0]?.database })
  return {
    ...{ client, schema: 'main', softDelete, files, root, isOwn: true, isHeld },
    apart: (run) => run(),
    close: () => {
      if (client.isOpen) client.close()
    },
  }
}
