/** The driver by itself, on a real server. */
import { connectTo, driverContext } from '@dustpan/conformance/drivers/driver'
import type { Json, Target } from '@dustpan/core/driver'
import { placeOf, storeId } from '../src/identity.ts'
import { createDriver } from '../src/index.ts'
import { Server } from '../src/server/server.ts'

export function driverOf(options: object, name = 'cache') {
  return createDriver(name, options, driverContext('/'))
}

export const storeAt = (url: string, cluster = false) => ({ driver: 'cache', id: storeId(placeOf(url, cluster)) })

export async function connected(url: string, options: object = {}) {
  return connectTo(driverOf({ url, ...options }), storeAt(url))
}

export function target(key: Json, more: Partial<Target> & { readonly args?: Json } = {}): Target {
  const { args = {}, ...rest } = more
  return {
    id: JSON.stringify(key),
    type: 'key',
    key,
    removal: { driver: 'cache', op: 'delete-key', v: 1, args },
    proof: { strength: 'key-only', match: { type: 'string' } },
    createdAt: 0,
    ...rest,
  }
}

/** A plain connection for the test's own queries. */
export async function open(url: string): Promise<Server & { send(...args: string[]): Promise<unknown> }> {
  const { hostname: host, port, pathname, username, password } = new URL(url)
  const access = { host, port: Number(port), ...(password ? { username, password } : {}) }
  const server = await Server.open(access, Number(pathname.slice(1)), AbortSignal.timeout(10_000))
  return Object.assign(server, { send: (...args: string[]) => server.one(args, AbortSignal.timeout(10_000)) })
}
