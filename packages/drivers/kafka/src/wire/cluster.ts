/**
 * The brokers of a cluster, each connected on first use. A single broker is reached at its bootstrap address, whatever
 * address it advertises: in a container that may be a name that nobody else can resolve. Never retries.
 */
import { DustpanError } from '@dustpan/core/driver'
import { type Address, Broker, type Security } from './broker.ts'
import { findCoordinator } from './groups.ts'
import { type Metadata, metadataOf } from './metadata.ts'
import type { Request } from './request.ts'

export interface ClusterOptions extends Security {
  readonly brokers: readonly Address[]
  /** Called before each connection. */
  guard?(address: Address): void
}

export class Cluster implements Disposable {
  readonly #options: ClusterOptions
  readonly #open = new Map<string, Promise<Broker>>()
  #isSingle = false

  constructor(options: ClusterOptions) {
    this.#options = options
  }

  async metadata(topics: readonly string[] | null, signal: AbortSignal): Promise<Metadata> {
    const metadata = await this.send(metadataOf(topics), signal)
    this.#isSingle = metadata.brokers.size === 1
    return metadata
  }

  /** Sends the request to the first reachable bootstrap broker. @throws DustpanError `DUSTPAN_STORE_UNREACHABLE` */
  async send<Answer>(request: Request<Answer>, signal: AbortSignal): Promise<Answer> {
    const failures: unknown[] = []
    for (const address of this.#options.brokers) {
      try {
        return await (await this.#connect(address, signal)).send(request, signal)
      } catch (error) {
        failures.push(error)
      }
    }
    throw failures[0]
  }

  /** Sends the request to a certain broker: the controller, or the leader of a partition. */
  async sendToBroker<Answer>(
    { brokers }: Metadata,
    id: number,
    request: Request<Answer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const address = brokers.get(id)
    if (address && this.#isSingle) return this.send(request, signal)
    if (!address) throw new DustpanError('DUSTPAN_STORE_UNREACHABLE', `The cluster has no broker ${id} at the moment.`)
    return (await this.#connect(address, signal)).send(request, signal)
  }

  /** Sends the request to the coordinator of a consumer group. */
  async sendToCoordinator<Answer>(group: string, request: Request<Answer>, signal: AbortSignal): Promise<Answer> {
    const { error, ...address } = await this.send(findCoordinator(group), signal)
    if (error !== 0) throw noCoordinator(group, error)
    if (this.#isSingle) return this.send(request, signal)
    return (await this.#connect(address, signal)).send(request, signal)
  }

  [Symbol.dispose](): void {
    for (const opening of this.#open.values())
      opening.then(
        (broker) => broker.close(),
        () => {},
      )
    this.#open.clear()
  }

  async #connect(address: Address, signal: AbortSignal): Promise<Broker> {
    const place = `${address.host}:${address.port}`
    const known = await this.#open.get(place)?.catch(() => undefined)
    if (known?.isOpen) return known
    this.#options.guard?.(address)
    const opening = Broker.open(address, this.#options, signal)
    this.#open.set(place, opening)
    return opening
  }
}

function noCoordinator(group: string, error: number): DustpanError {
  const why = error === 30 ? 'its user may not see it' : `error ${error}`
  return new DustpanError('DUSTPAN_STORE_UNREACHABLE', `Kafka names no coordinator of the group ${group}: ${why}.`)
}
