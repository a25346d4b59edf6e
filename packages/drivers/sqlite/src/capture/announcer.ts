/** Announces inserts before they run, and installs the triggers in time. */
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
  /** Announcements by statement text, valid while the schema does not change. */
  readonly #drafts = new Map<StatementText, Draft | undefined>()
  /** The schema may have changed since the triggers were installed. */
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

  /** Triggers are installed when the first tracked statement writes to a database. */
  announce(text: StatementText): Announced | undefined {
    const draft = this.#drafts.get(text)
    if (draft !== undefined && this.isReady) return this.#begin(draft)
    if (this.#client.isReadOnly) return undefined
    if (this.isStale) this.#stores.refresh(this.#client)
    const installed = this.#watch.installed
    const announced = text.inserts || !installed ? this.#begin(this.#draftOf(text)) : undefined
    if (announced === undefined && !installed) return undefined
    if (!this.isReady) this.#install()
    if (text.into !== undefined) this.#checkTable(text.into)
    if (text.inserts) this.#drafts.set(text, this.#draftOf(text))
    return announced
  }

  /**
   * Reinstalls triggers that no longer match a table which another connection altered. The statement has had no effect yet, so it
   * can run again.
   */
  reinstall(): boolean {
    if (!this.#watch.installed || this.#watch.hasEvents || !this.#watch.isOutdated()) return false
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

  /** Another connection may have created the table. */
  #checkTable({ table, schema }: { readonly table: string; readonly schema?: string }): void {
    if (!this.#watch.knows(table) && this.#watch.isOutdated()) this.#install()
    this.#watch.rememberMissing(table)
    const reason = this.#watch.whyUntracked(table)
    const store = this.#stores.of(schema ?? 'main')
    if (reason !== undefined && !(store && isIgnored(store, table)))
      this.#sink.warn('DUSTPAN_SQL_UNATTRIBUTED', table, untrackedMessage[reason](table))
  }
}
