import type { CaptureSink } from '@dustpan/core/driver'
import { captureClient } from './capture/instrument.ts'

/**
 * Tracks what one client or pool of `pg` creates, for copies of `pg` that are not found by themselves. Without a running Dustpan it does nothing.
 *
 * @returns the same client or pool
 * @throws TypeError when it is neither a client nor a pool of `pg`
 * @example const pool = capture(new Pool())
 */
export function capture<Client extends object>(client: Client): Client {
  captureClient(client, currentSink())
  return client
}

/** The sink of the run that this process belongs to; a vm context shares only `process` with it. */
function currentSink(): CaptureSink | undefined {
  const homes = [globalThis, process] as unknown as { readonly [instance]?: { readonly sink?: CaptureSink } }[]
  return homes.map((home) => home[instance]?.sink).find((sink) => sink !== undefined)
}

const instance = Symbol.for('dustpan/1')
