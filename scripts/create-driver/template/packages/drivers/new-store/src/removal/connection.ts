import { type ConnectContext, DustpanError, messageOf, type StoreConnection, type StoreRef } from '@dustpan/core/driver'
import { storeOf } from '../identity.ts'
import { type Client, loadClient } from '../library.ts'
import { probe } from './probe.ts'
import { remove } from './remove.ts'

interface Place {
  readonly url: string
  /** The project's folder. */
  readonly root: string
}

/** @throws DustpanError `DUSTPAN_WRONG_STORE`, `DUSTPAN_STORE_UNREACHABLE`, `DUSTPAN_DRIVER_UNAVAILABLE` */
export async function connect(store: StoreRef, place: Place, ctx: ConnectContext): Promise<StoreConnection> {
  const client = await open(store, place, ctx)
  return {
    remove: (targets, context) => remove(client, targets, context),
    probe: (targets, context) => probe(client, targets, context),
    [Symbol.asyncDispose]: () => client.close(),
  }
}

/** Connects only to the store of the record: compares the identities before anything is removed. */
async function open(store: StoreRef, { url, root }: Place, ctx: ConnectContext): Promise<Client> {
  const library = loadClient(root)
  if (storeOf(url) !== store.id) throw wrongStore(store, storeOf(url))
  try {
    return await openWith(library, url, ctx)
  } catch (error) {
    throw error instanceof DustpanError ? error : unreachable(store, error)
  }
}

async function openWith(_library: unknown, _url: string, _ctx: ConnectContext): Promise<Client> {
  throw new Error('To be written: openWith() in removal/connection.ts')
}

function wrongStore(store: StoreRef, answering: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_WRONG_STORE',
    `It was created in ${store.id}, but the driver '${store.driver}' leads to ${answering}`,
    { hint: 'Point its url at the store of that run, or forget the records when that is no more.' },
  )
}

function unreachable(store: StoreRef, cause: unknown): DustpanError {
  return new DustpanError('DUSTPAN_STORE_UNREACHABLE', `${store.id} could not be reached: ${messageOf(cause)}`, {
    cause,
    hint: `Start it, or correct the url of the driver '${store.driver}'; what is on record can be removed later.`,
  })
}
