/** Which topics there were before something was sent to them: only what was not there can have been made by sending. */
import { clock } from '@dustpan/core/driver'
import { type Metadata, metadataOf } from '../wire/metadata.ts'
import type { ClientLink } from './client-link.ts'
import { storeOfCluster } from './stores.ts'

const propagationMs = 100
const unknownTopic = 3

const absentIn = ({ topics }: Metadata): readonly string[] =>
  topics.filter(({ error }) => error === unknownTopic).map(({ name }) => name)

let deletions = 0

/** What was there may be made anew by sending. */
export function topicsDeleted(): void {
  deletions++
}

export class KnownTopics {
  readonly #link: ClientLink
  /** What is under way, or answered. */
  readonly #asked = new Map<string, Promise<void> | 'answered'>()
  readonly #absent = new Set<string>()
  #store: string | undefined
  #deletions = deletions

  constructor(link: ClientLink) {
    this.#link = link
  }

  /** The id of the store where nothing is to be asked, and no topic can be made by sending. */
  known(topics: readonly string[]): string | undefined {
    const isKnown = (topic: string) => this.#asked.get(topic) === 'answered' && !this.#absent.has(topic)
    return this.#deletions === deletions && topics.every(isKnown) ? this.#store : undefined
  }

  /** Asks once for each topic, and gives the id of the store. Rejects where the client is not connected. */
  async look(topics: readonly string[]): Promise<string> {
    if (this.#deletions !== deletions) this.#asked.clear()
    this.#deletions = deletions
    const news = topics.filter((topic) => !this.#asked.has(topic))
    if (news.length > 0) this.#ask(news)
    await Promise.all(topics.map((topic) => this.#asked.get(topic)))
    return this.#store ?? (await this.#identify())
  }

  /** Those that were not there and are now, with their ids: told once. `soon`: some may be on their way. */
  async appeared(topics: readonly string[], soon = false): Promise<ReadonlyMap<string, string>> {
    const now = await this.#appearedNow(topics)
    if (!soon || !topics.some((topic) => this.#absent.has(topic))) return now
    await clock.sleep(propagationMs)
    return new Map([...now, ...(await this.#appearedNow(topics))])
  }

  async #appearedNow(topics: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const awaited = topics.filter((topic) => this.#absent.has(topic))
    if (awaited.length === 0) return new Map()
    const metadata = await this.#link.ask(metadataOf(awaited))
    const there = metadata.topics.filter(({ name, error }) => error === 0 && this.#absent.delete(name))
    return new Map(there.map(({ name, id }) => [name, id]))
  }

  /** What is made from now on anybody may have made: it is looked for again before the next sending. Gives those that were not there. */
  forget(topics: readonly string[]): readonly string[] {
    const absent = topics.filter((topic) => this.#absent.delete(topic))
    for (const topic of absent) this.#asked.delete(topic)
    return absent
  }

  #ask(news: readonly string[]): void {
    const asking = this.#absentOf(news).then((absent) => {
      for (const name of absent) this.#absent.add(name)
      for (const topic of news) if (this.#asked.get(topic) === asking) this.#asked.set(topic, 'answered')
    })
    for (const topic of news) this.#asked.set(topic, asking)
    asking.catch(() => {
      for (const topic of news) this.#asked.delete(topic)
    })
  }

  /** Looked for twice: a broker may show what was just made a moment later. */
  async #absentOf(topics: readonly string[]): Promise<readonly string[]> {
    const metadata = await this.#link.ask(metadataOf(topics))
    this.#identified(metadata)
    const absent = absentIn(metadata)
    if (absent.length === 0) return absent
    await clock.sleep(propagationMs)
    return absentIn(await this.#link.ask(metadataOf(absent)))
  }

  async #identify(): Promise<string> {
    return this.#identified(await this.#link.ask(metadataOf([])))
  }

  #identified({ brokers, cluster }: Metadata): string {
    this.#store ??= storeOfCluster([...this.#link.brokers, ...brokers.values()], cluster)
    return this.#store
  }
}
