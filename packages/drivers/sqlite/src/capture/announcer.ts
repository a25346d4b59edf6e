/** Announces inserts before they are made, and has the triggers in place by then. */
import type { CaptureSink } from '@dustpan/core/driver'
import { isInstalled } from '../application/inspect.ts'
import type { Client } from '../client.ts'
import { sameName } from '../tables.ts'
import { isIgnored } from './capture-rules.ts'
import type { ConnectedStores } from './connected-stores.ts'
import { type Announced, type Draft, kind } from './recorder.ts'
import type { StatementText } from './statement-text.ts'
import { untrackedMessage } from './untracked.ts'
import type { Watch } from './watch.ts'

export class Announcer {
  readonly #sink: CaptureSink
  readonly #client: Client
  readonly #watch: Watch
  readonly #stores: ConnectedStores
  /** How inserts by a text are announced, while the schema stays as it is. */
  readonly #drafts = new Map<StatementText, Draft | undefined>()
  /** The schema may have changed since the triggers were put on. */
  isStale = true

  constructor(sink: CaptureSink, client: Client, watch: Watch, stores: ConnectedStores) {
    this.#sink = sink
    this.#client = client
    this.#watch = watch
    this.#stores = stores
  }

  get isReady(): boolean {
    return this.#watch.installed && !this.isStale
  }

  /** Triggers are put on a database when something is first written to it that is to be tracked. */
  announce(text: StatementText): Announced | undefined {
    const draft = this.#drafts.get(text)
    if (draft !== undefined && this.isReady) return this.#begin(draft)
    if (this.#client.isReadOnly) return undefined
    if (this.isStale) this.#stores.refresh(this.#client)
    const installed = this.#watch.installed
    const announced = text.inserts || !installed ? this.#begin(this.#draftOf(text)) : undefined
    if (announced === undefined && !installed) return undefined
    if (!this.isReady) this.#install()
    if (text.into !== undefined) this.#lookAt(text.into)
    if (text.inserts) this.#drafts.set(text, this.#draftOf(text))
    return announced
  }

  /** A table that another connection has altered does not fit its triggers: then nothing has run yet, and it can be run again. */
  reinstall(): boolean {
    if (!this.#watch.installed || this.#watch.hasSightings || !this.#watch.isOutdated()) return false
    this.#install()
    return true
  }

  #draftOf(text: StatementText): Draft | undefined {
    const type = text.into?.table ?? 'rows'
    const schema = this.#watch.tables.find((table) => sameName(table.name, type))?.schema
    const store = this.#stores.of(text.into?.schema ?? schema ?? 'main')
    return store && { kind, store, type, via: text.into === undefined ? 'SQL' : `INSERT INTO ${type}` }
  }

  #begin(draft: Draft | undefined): Announced | undefined {
    const pending = draft && this.#sink.begin(draft)
    return pending && { store: draft.store, pending }
  }

  #install(): void {
    this.#drafts.clear()
    this.#watch.install()
    this.isStale = false
    const main = this.#stores.of('main')
    if (main && isInstalled(this.#client)) void this.#sink.atWork?.(kind, main)
  }

  /** Another connection may have made the table. */
  #lookAt({ table, schema }: { readonly table: string; readonly schema?: string }): void {
    if (!this.#watch.knows(table) && this.#watch.isOutdated()) this.#install()
    this.#watch.admit(table)
    const why = this.#watch.whyUntracked(table)
    const store = this.#stores.of(schema ?? 'main')
    if (why !== undefined && !(store && isIgnored(store, table)))
      this.#sink.warn('DUSTPAN_SQL_UNATTRIBUTED', table, untrackedMessage[why](table))
  }
}
