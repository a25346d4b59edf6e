/** The server and the ledger on it; the first call connects and creates the ledger. */
import { clock, type DustpanError } from '@dustpan/core/driver'
import { type Client, openClient, type Patience } from './client.ts'
import { type Keys, keysFor } from './keys.ts'
import { ledgerError } from './ledger-error.ts'
import type { Settings } from './options.ts'
import { type Ready, setUp } from './set-up.ts'

export interface Store {
  readonly keys: Keys
  identity(): Promise<string>
  doubt(): Promise<DustpanError | undefined>
  /** @throws DustpanError `DUSTPAN_LEDGER_AWAY`, `DUSTPAN_LEDGER_NOT_READY` */
  withClient<Answer>(action: (client: Client) => Promise<Answer>): Promise<Answer>
  end(): Promise<void>
}

/** A lost connection is not reopened by ioredis; the next call opens a new one. */
const patience: Patience = { commandTimeout: 30_000, retryStrategy: () => null }

/** After this time without a call the connection is closed, so that the process can end. */
const idleMs = 100

export function openStore(settings: Settings): Store {
  const keys = keysFor(settings.prefix)
  let client: Promise<Client> | undefined
  let setUpResult: Promise<Ready> | undefined
  let [active, idleTimer]: [number, NodeJS.Timeout | undefined] = [0, undefined]
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
    setUpResult ??= connect().then((opened) => setUp(opened, keys))
    return setUpResult
  }
  const close = async () => {
    const closing = client
    client = undefined
    await closing?.then((opened) => opened.disconnect()).catch(() => {})
  }
  const attempt = async <Answer>(action: () => Promise<Answer>): Promise<Answer> => {
    clock.clearTimeout(idleTimer)
    active++
    try {
      return await action()
    } catch (error) {
      // The connection may be broken, or the keys deleted: the next call reconnects and sets up again.
      setUpResult = undefined
      await close()
      throw ledgerError(error)
    } finally {
      if (--active === 0) idleTimer = clock.setTimeout(close, idleMs)
    }
  }
  const setUpAgain = () =>
    attempt(() => {
      setUpResult = undefined
      return ready()
    })
  return {
    keys,
    // Always read from the server, which may have been replaced.
    identity: async () => (await setUpAgain()).identity,
    doubt: async () => (await setUpAgain()).doubt,
    withClient: (action) =>
      attempt(async () => {
        await ready()
        return action(await connect())
      }),
    async end() {
      clock.clearTimeout(idleTimer)
      await close()
    },
  }
}
