/** Which topics existed before messages were sent to them: only a missing topic can have been created by sending. */
import { clock } from '@dustpan/core/driver'
import { type Metadata, metadataOf } from '../wire/metadata.ts'
import type { ClientLink } from './client-link.ts'
import { storeOfCluster } from './stores.ts'

const propagationMs = 100
const unknownTopic = 3

const absentIn = ({ topics }: Metadata): readonly string[] =>
  topics.filter(({ error }) => error === unknownTopic).map(({ name }) => name)

let deletions = 0

/** Call after topics were deleted: sending may create them again. */
export function topicsDeleted(): void {
  deletions++
}

export class KnownTopics {
  readonly #link: ClientLink
  /** Lookups by topic, running or done. */
  readonly #lookups = new Map<string, Promise<void> | 'done'>()
  readonly #absent = new Set<string>()
  #store: string | undefined
  #deletions = deletions

  constructor(link: ClientLink) {
    this.#link = link
  }

  /** The store's id, if no lookup is needed and sending cannot create any of the topics. */
  known(topics: readonly string[]): string | undefined {
    const isKnown = (topic: string) => this.#lookups.get(topic) === 'done' && !this.#absent.has(topic)
    return this.#deletions === deletions && topics.every(isKnown) ? this.#store : undefined
  }

  /** Looks up each topic once, and returns the store's id. Rejects if the client is not connected. */
  async lookUp(topics: readonly string[]): Promise<string> {
    if (this.#deletions !== deletions) this.#lookups.clear()
    this.#deletions = deletions
    const unknown = topics.filter((topic) => !this.#lookups.has(topic))
    if (unknown.length > 0) this.#startLookup(unknown)
    await Promise.all(topics.map((topic) => this.#lookups.get(topic)))
    return this.#store ?? (await this.#identify())
  }

  /** Topics that were missing and now exist, with their ids; each is returned only once. `soon`: some may be about to appear. */
  async appeared(topics: readonly string[], soon = false): Promise<ReadonlyMap<string, string>> {
    const now = await this.#appearedNow(topics)
    if (!soon || !topics.some((topic) => this.#absent.has(topic))) return now
    await clock.sleep(propagationMs)
    return new Map([...now, ...(await this.#appearedNow(topics))])
  }

  async #appearedNow(topics: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const awaited = topics.filter((topic) => this.#absent.has(topic))
    if (awaited.length === 0) return new Map()
    const metadata = await this.#link.send(metadataOf(awaited))
    const existing = metadata.topics.filter(({ name, error }) => error === 0 && this.#absent.delete(name))
    return new Map(existing.map(({ name, id }) => [name, id]))
  }

  /** Forgets the missing topics, and returns them: anybody may create them from now on, so the next send looks them up again. */
  forget(topics: readonly string[]): readonly string[] {
    const absent = topics.filter((topic) => this.#absent.delete(topic))
    for (const topic of absent) this.#lookups.delete(topic)
    return absent
  }

  #startLookup(topics: readonly string[]): void {
    const lookup = this.#absentOf(topics).then((absent) => {
      for (const name of absent) this.#absent.add(name)
      for (const topic of topics) if (this.#lookups.get(topic) === lookup) this.#lookups.set(topic, 'done')
    })
    for (const topic of topics) this.#lookups.set(topic, lookup)
    lookup.catch(() => {
      for (const topic of topics) this.#lookups.delete(topic)
    })
  }

  /** Looks twice, since a broker may list a new topic a little later. */
  async #absentOf(topics: readonly string[]): Promise<readonly string[]> {
    const metadata = await this.#link.send(metadataOf(topics))
    this.#storeOf(metadata)
    const absent = absentIn(metadata)
    if (absent.length === 0) return absent
    await clock.sleep(propagationMs)
    return absentIn(await this.#link.send(metadataOf(absent)))
  }

  async #identify(): Promise<string> {
    return this.#storeOf(await this.#link.send(metadataOf([])))
  }

  #storeOf({ brokers, cluster }: Metadata): string {
    this.#store ??= storeOfCluster([...this.#link.brokers, ...brokers.values()], cluster)
    return this.#store
  }
}
