/**
 * The brokers of one cluster, each connected to when it is first asked. A single one is asked where it was found, whatever it calls itself: in a
 * container that may be a name that nobody else knows. Never retries.
 */
import { DustpanError } from '@dustpan/core/driver'
import { type Address, Broker, type Security } from './broker.ts'
import { findCoordinator } from './groups.ts'
import { type Metadata, metadataOf } from './metadata.ts'
import type { Request } from './request.ts'

export interface ClusterOptions extends Security {
  readonly brokers: readonly Address[]
  /** Before each address is connected to. */
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
    const metadata = await this.ask(metadataOf(topics), signal)
    this.#isSingle = metadata.brokers.size === 1
    return metadata
  }

  /** Asks the first of the brokers named that can be reached. @throws DustpanError `DUSTPAN_STORE_UNREACHABLE` */
  async ask<Answer>(request: Request<Answer>, signal: AbortSignal): Promise<Answer> {
    const failures: unknown[] = []
    for (const address of this.#options.brokers) {
      try {
        return await (await this.#connected(address, signal)).send(request, signal)
      } catch (error) {
        failures.push(error)
      }
    }
    throw failures[0]
  }

  /** Asks a certain broker: the controller, or the leader of a partition. */
  async askBroker<Answer>(
    { brokers }: Metadata,
    id: number,
    request: Request<Answer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const address = brokers.get(id)
    if (address && this.#isSingle) return this.ask(request, signal)
    if (!address) throw new DustpanError('DUSTPAN_STORE_UNREACHABLE', `The cluster has no broker ${id} at the moment.`)
    return (await this.#connected(address, signal)).send(request, signal)
  }

  /** Asks the broker that keeps a consumer group. */
  async askCoordinator<Answer>(group: string, request: Request<Answer>, signal: AbortSignal): Promise<Answer> {
    const { error, ...address } = await this.ask(findCoordinator(group), signal)
    if (error !== 0) throw noCoordinator(group, error)
    if (this.#isSingle) return this.ask(request, signal)
    return (await this.#connected(address, signal)).send(request, signal)
  }

  [Symbol.dispose](): void {
    for (const opening of this.#open.values())
      opening.then(
        (broker) => broker.close(),
        () => {},
      )
    this.#open.clear()
  }

  async #connected(address: Address, signal: AbortSignal): Promise<Broker> {
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
