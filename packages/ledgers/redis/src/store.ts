/** The server with the ledger on it, which is made at the first question. */
import { clock, type DustpanError } from '@dustpan/core/driver'
import { type Client, openClient, type Patience } from './client.ts'
import { type Keys, keysFor } from './keys.ts'
import type { Settings } from './options.ts'
import { type Ready, setUp } from './set-up.ts'
import { told } from './told.ts'

export interface Store {
  readonly keys: Keys
  identity(): Promise<string>
  doubt(): Promise<DustpanError | undefined>
  /** @throws DustpanError `DUSTPAN_LEDGER_AWAY`, `DUSTPAN_LEDGER_NOT_READY` */
  ask<Answer>(question: (client: Client) => Promise<Answer>): Promise<Answer>
  end(): Promise<void>
}

/** A connection that is lost is not made again by itself: whoever asks next has another one. */
const patience: Patience = { commandTimeout: 30_000, retryStrategy: () => null }

/** After that it keeps no process from ending. */
const idleMs = 100

export function openStore(settings: Settings): Store {
  const keys = keysFor(settings.prefix)
  let client: Promise<Client> | undefined
  let known: Promise<Ready> | undefined
  let [asked, idle]: [number, NodeJS.Timeout | undefined] = [0, undefined]
  const open = () => {
    const opening = openClient(settings, patience)
    const drop = () => {
      if (client === opening) client = undefined
    }
    opening.then((opened) => opened.once('end', drop)).catch(() => {})
    return opening
  }
  const connect = () => {
    client ??= open()
    return client
  }
  const ready = () => {
    known ??= connect().then((opened) => setUp(opened, keys))
    return known
  }
  const close = async () => {
    const closing = client
    client = undefined
    await closing?.then((opened) => opened.disconnect()).catch(() => {})
  }
  const attempt = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    clock.clearTimeout(idle)
    asked++
    try {
      return await ask()
    } catch (error) {
      // The connection may be broken, and the keys may be gone: the next question makes them anew.
      known = undefined
      await close()
      throw told(error)
    } finally {
      if (--asked === 0) idle = clock.setTimeout(close, idleMs)
    }
  }
  const anew = () =>
    attempt(() => {
      known = undefined
      return ready()
    })
  return {
    keys,
    // Each time anew: it may be another one meanwhile.
    identity: async () => (await anew()).identity,
    doubt: async () => (await anew()).doubt,
    ask: (question) =>
      attempt(async () => {
        await ready()
        return question(await connect())
      }),
    async end() {
      clock.clearTimeout(idle)
      await close()
    },
  }
}
