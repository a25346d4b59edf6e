/** Removes the resources of one store, a few requests at a time. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Credentials } from '../http-client/credentials.ts'
import { mergedHeaders } from '../http-client/headers.ts'
import { isInProcess, serveAgain } from '../http-client/in-process.ts'
import { ownClient } from '../http-client/own-client.ts'
import { type Sender, sender } from '../http-client/sender.ts'
import type { Endpoint } from '../http-rules/endpoints.ts'
import type { RemovalContext, StoreConnection } from '../resource/connection.ts'
import type { Profile } from '../resource/profile.ts'
import type { ResourceId, StoreRef } from '../resource/resource.ts'
import type { Presence, RemovalOutcome, RestoreOutcome, Target } from '../resource/target.ts'
import { batchesOf, isBatched, requestOf, type Settled } from './batches.ts'
import { httpByPredicate } from './by-predicate.ts'
import { inProcessJudge } from './in-process.ts'
import { listsOf } from './list-above.ts'
import { markedOutcomes } from './marked.ts'
import { doubtfulIdOutcome } from './one-thing.ts'
import { sendProbe } from './probe.ts'
import { removeMany } from './remove-many.ts'
import { removeOne, settled } from './remove-one.ts'
import { restoreOne } from './restore.ts'
import { routeAndKind } from './route-of.ts'

export interface HttpConnectionOptions {
  readonly connections: number
  readonly timeoutMs: number
  readonly headers: Readonly<Record<string, string>>
  readonly credentials: Credentials
  readonly deletion: Profile['deletion']
  readonly endpoints: readonly Endpoint[]
}

export async function connectHttp(store: StoreRef, options: HttpConnectionOptions): Promise<StoreConnection> {
  const server = isInProcess(store.id) ? await serverOf(store) : undefined
  const client = ownClient(server?.origin ?? store.id, options)
  const requests = sender({
    store: store.id,
    origin: server?.as ?? store.id,
    client,
    headers: server ? mergedHeaders({ host: new URL(server.as).host }, options.headers) : options.headers,
    credentials: options.credentials,
  })
  const judge = inProcessJudge(store.id)
  return {
    remove: async (targets, ctx) => judge(await removeAll(requests, store, targets, ctx, options)),
    probe: (targets, ctx) => probeAll(requests, targets, ctx, options),
    restore: (targets, ctx) => restoreAll(requests, targets, ctx, options),
    ...httpByPredicate(requests, options.endpoints, options.deletion),
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
    'The server that held this ran inside another process, which has ended.',
    {
      hint: 'What it kept outside itself (in a database) can be tracked there.',
    },
  )
}

/** Outcomes that depend on all answers (whether a "not found" is credible) are settled at the end. */
async function removeAll(
  requests: Sender,
  store: StoreRef,
  targets: readonly Target[],
  ctx: RemovalContext,
  { connections, deletion }: HttpConnectionOptions,
): Promise<ReadonlyMap<ResourceId, RemovalOutcome>> {
  const lists = listsOf(requests)
  const answered = await each(batchesOf(targets, deletion), connections, async (batch): Promise<readonly Settled[]> => {
    if (isBatched(batch)) return markedOutcomes(batch.template, await removeMany(requests, store, batch, ctx))
    const { template } = batch
    const [target] = batch.targets as readonly [Target]
    const request = requestOf(target, deletion)
    const doubtful = doubtfulIdOutcome(target, template, request)
    if (doubtful) return [[target.id, settled(doubtful)]]
    return markedOutcomes(request, [
      [
        target.id,
        await removeOne(requests, store, request, { ...ctx, target, lists, ...routeAndKind(template, target.key) }),
      ],
    ])
  })
  return new Map(await each(answered.flat(), connections, async ([id, settle]) => [id, await settle()] as const))
}

async function probeAll(
  requests: Sender,
  targets: readonly Target[],
  { signal }: RemovalContext,
  { connections, deletion }: HttpConnectionOptions,
): Promise<ReadonlyMap<ResourceId, Presence>> {
  const probed = await each(targets, connections, async (target) => ({
    id: target.id,
    probe: await sendProbe(requests, requestOf(target, deletion), signal),
  }))
  return new Map(probed.map(({ id, probe }) => [id, probe.state()]))
}

async function restoreAll(
  requests: Sender,
  targets: readonly Target[],
  { signal }: RemovalContext,
  { connections, deletion }: HttpConnectionOptions,
): Promise<ReadonlyMap<ResourceId, RestoreOutcome>> {
  const restored = await each(
    targets,
    connections,
    async (target) => [target.id, await restoreOne(requests, requestOf(target, deletion), signal)] as const,
  )
  return new Map(restored)
}

/** Runs a task for each item, at most `atOnce` at a time. */
async function each<T, R>(items: readonly T[], atOnce: number, task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const rest = items.entries()
  const worker = async () => {
    for (const [i, item] of rest) results[i] = await task(item)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  return results
}
