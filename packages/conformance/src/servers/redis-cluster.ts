/** A Redis cluster: three nodes that share the slots. */
import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from './free-port.ts'
import type { StartedProgram } from './started-program.ts'

const slots = [
  [0, 5460],
  [5461, 10922],
  [10923, 16383],
] as const

export async function startCluster(
  start: (flags: readonly string[]) => Promise<StartedProgram>,
): Promise<StartedProgram> {
  const nodes = await Promise.all(
    slots.map(async () => {
      const busPort = await freePort() // the default, port + 10000, may exceed the highest port
      const flags = ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`, '--cluster-node-timeout', '2000']
      return { ...(await start(flags)), busPort }
    }),
  )
  const clients = nodes.map(({ port }) => new Redis(port, '127.0.0.1'))
  for (const [index, [from, to]] of slots.entries()) await clients[index]?.call('CLUSTER', 'ADDSLOTSRANGE', from, to)
  for (const { port, busPort } of nodes.slice(1)) await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort)
  for (const client of clients) await untilWhole(client)
  for (const client of clients) client.disconnect()
  return {
    port: nodes[0]?.port as number,
    stop: async (how) => void (await Promise.all(nodes.map(({ stop }) => stop(how)))),
    start: async () => void (await Promise.all(nodes.map(({ start }) => start()))),
    [Symbol.asyncDispose]: async () => void (await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))),
  }
}

async function untilWhole(client: Redis): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    const state = String(await client.call('CLUSTER', 'INFO'))
    if (state.includes('cluster_state:ok') && state.includes('cluster_known_nodes:3')) return
    await setTimeout(20)
  }
  throw new Error('The Redis nodes did not become a cluster.')
}
