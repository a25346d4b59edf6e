/** Removes what lives in one store, a few requests at a time. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { RemovalContext, RemovalOutcome, StoreConnection, Target } from '../resource/driver.ts'
import type { ResourceId, StoreRef } from '../resource/resource.ts'
import type { Credentials } from './credentials.ts'
import { isInProcess, serveAgain } from './in-process.ts'
import { ownClient } from './own-client.ts'
import { lookAt, removeOne, requestOf, type Seen, type Settle } from './remove-one.ts'
import { type Sender, sender } from './sender.ts'

export interface HttpConnectionOptions {
  readonly connections: number
  readonly timeoutMs: number
  readonly headers: Readonly<Record<string, string>>
  readonly credentials: Credentials
}

export async function connectHttp(store: StoreRef, options: HttpConnectionOptions): Promise<StoreConnection> {
  const server = isInProcess(store.id) ? await serverOf(store) : undefined
  const origin = server?.origin ?? store.id
  const client = ownClient(origin, options)
  const requests = sender({
    store: store.id,
    origin,
    client,
    headers: options.headers,
    credentials: options.credentials,
  })
  return {
    remove: (targets, ctx) => removeAll(requests, store, targets, ctx, options.connections),
    probe: (targets, ctx) => probeAll(requests, targets, ctx, options.connections),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      await server?.[Symbol.asyncDispose]()
    },
  }
}

async function serverOf(store: StoreRef) {
  const server = await serveAgain(store.id)
  if (server) return server
  throw new DustpanError(
    'DUSTPAN_STORE_GONE',
    'The server that held this was part of another process, which is over.',
    {
      hint: 'What it kept outside itself (in a database) can be tracked there.',
    },
  )
}

/** What depends on all answers (whether a "not found" is to be believed) is settled at the end. */
async function removeAll(
  requests: Sender,
  store: StoreRef,
  targets: readonly Target[],
  ctx: RemovalContext,
  concurrency: number,
): Promise<ReadonlyMap<ResourceId, RemovalOutcome>> {
  const answered = await each(
    targets,
    concurrency,
    async (target) => [target.id, await removeOne(requests, store, target, ctx)] as const,
  )
  return new Map(answered.map(([id, settle]: readonly [ResourceId, Settle]) => [id, settle()]))
}

async function probeAll(
  requests: Sender,
  targets: readonly Target[],
  { signal }: RemovalContext,
  concurrency: number,
): Promise<ReadonlyMap<ResourceId, Seen>> {
  const looked = await each(targets, concurrency, async (target) => ({
    id: target.id,
    ...(await lookAt(requests, requestOf(target), signal)),
  }))
  return new Map(looked.map(({ id, state }) => [id, state()]))
}

/** Runs the tasks of a list, at most so many at once. */
async function each<T, R>(items: readonly T[], atOnce: number, task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const rest = items.entries()
  const worker = async () => {
    for (const [i, item] of rest) results[i] = await task(item)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  return results
}
