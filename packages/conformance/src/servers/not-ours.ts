import type { Server } from './server.ts'

/** What a server that others use too answers. */
export function notOurs(product: string): Pick<Server, 'start' | 'stop'> {
  const refuse = () => Promise.reject(new Error(`This ${product} is not ours to stop: ask for one with { own: true }.`))
  return { start: refuse, stop: refuse }
}
