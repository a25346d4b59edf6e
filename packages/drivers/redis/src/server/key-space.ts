/** One key space: a database of a server, or a cluster, whose servers each hold some of the slots. */
import type { Endpoint, Incarnation, Place } from '../identity.ts'
import { holdsDataOf } from '../identity.ts'
import type { Arg } from '../keys.ts'
import type { Reply } from './reply.ts'
import { type Access, Server } from './server.ts'
import { slotOf } from './slots.ts'

/** The access to a node. */
export type AccessTo = (node: Endpoint) => Access

export class KeySpace implements AsyncDisposable {
  readonly #place: Place
  readonly #access: AccessTo
  readonly #servers = new Map<string, Server>()
  /** The master's address of each slot. */
  #masters: readonly string[] = []
  #members: readonly Endpoint[] = []

  private constructor(place: Place, access: AccessTo) {
    this.#place = place
    this.#access = access
  }

  static async open(place: Place, access: AccessTo, signal: AbortSignal): Promise<KeySpace> {
    const space = new KeySpace(place, access)
    await space.#entry(signal)
    return space
  }

  get isCluster(): boolean {
    return this.#place.cluster
  }

  /** Groups items so that one command may name all keys of a part: by server and, in a cluster, by slot. */
  async parts<T>(items: readonly T[], keyOf: (item: T) => Arg, signal: AbortSignal): Promise<readonly Part<T>[]> {
    const entry = await this.#entry(signal)
    if (!this.#place.cluster) return [{ server: entry, items }]
    const bySlot = Map.groupBy(items, (item) => slotOf(keyOf(item)))
    const parts: Part<T>[] = []
    for (const [slot, some] of bySlot) parts.push({ server: await this.#masterOf(slot, signal), items: some })
    return parts
  }

  /** All servers that hold keys. */
  async masters(signal: AbortSignal): Promise<readonly Server[]> {
    const entry = await this.#entry(signal)
    if (!this.#place.cluster) return [entry]
    const all: Server[] = []
    for (const address of new Set(this.#masters.filter((one) => one !== undefined)))
      all.push(await this.#server(endpointOf(address), signal))
    return all
  }

  /** Whether the key space still holds the data of a recorded incarnation; undefined: unknown. */
  async holdsDataOf(recorded: string, signal: AbortSignal): Promise<boolean | undefined> {
    const entry = await this.#entry(signal)
    const known = (server: Server): server is Server & { incarnation: Incarnation } => server.incarnation !== undefined
    const servers = this.#place.cluster ? await this.#all(signal) : [entry]
    if (servers.some((server) => known(server) && holdsDataOf(recorded, server.incarnation))) return true
    return servers.every(known) ? false : undefined
  }

  /** Makes the next call read the slots again. */
  forgetSlots(): void {
    this.#masters = []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const servers = [...this.#servers.values()]
    this.#servers.clear()
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
  }

  /** Connects to the first node that answers. */
  async #entry(signal: AbortSignal): Promise<Server> {
    const errors: unknown[] = []
    for (const node of [...this.#place.nodes, ...this.#members]) {
      try {
        const server = await this.#server(node, signal)
        if (this.#place.cluster && this.#masters.length === 0) await this.#learnSlots(server, signal)
        return server
      } catch (error) {
        errors.push(error)
      }
    }
    throw errors.length === 1 ? errors[0] : new AggregateError(errors)
  }

  async #server(node: Endpoint, signal: AbortSignal): Promise<Server> {
    const address = `${node.host}:${node.port}`
    const known = this.#servers.get(address)
    if (known?.isOpen) return known
    const server = await Server.open(this.#access(node), this.#place.database, signal)
    this.#servers.set(address, server)
    return server
  }

  async #masterOf(slot: number, signal: AbortSignal): Promise<Server> {
    const address = this.#masters[slot]
    if (address === undefined) throw new Error(`No node of the cluster has slot ${slot}`)
    return this.#server(endpointOf(address), signal)
  }

  async #all(signal: AbortSignal): Promise<readonly Server[]> {
    const all = await Promise.allSettled(this.#members.map((node) => this.#server(node, signal)))
    return all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }

  async #learnSlots(server: Server, signal: AbortSignal): Promise<void> {
    const ranges = (await server.one(['CLUSTER', 'SLOTS'], signal)) as readonly Reply[]
    const masters: string[] = []
    const members = new Map<string, Endpoint>()
    for (const range of ranges) {
      const [from, to, ...nodes] = range as [number, number, ...(readonly Reply[])[]]
      for (const [host, port] of nodes) members.set(`${host}:${port}`, { host: String(host), port: Number(port) })
      const [host, port] = nodes[0] as readonly Reply[]
      for (let slot = from; slot <= to; slot++) masters[slot] = `${host}:${port}`
    }
    this.#masters = masters
    this.#members = [...members.values()]
  }
}

/** Items whose keys are on one server. */
export interface Part<T> {
  readonly server: Server
  readonly items: readonly T[]
}

function endpointOf(address: string): Endpoint {
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) }
}
