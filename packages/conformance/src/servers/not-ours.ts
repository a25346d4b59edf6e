import type { Server } from './server.ts'

/** Refuses to start or stop a server that others use too. */
export function notOurs(product: string): Pick<Server, 'start' | 'stop'> {
  const refuse = () => Promise.reject(new Error(`This ${product} is not ours to stop: ask for one with { own: true }.`))
  return { start: refuse, stop: refuse }
}
