/** Watches commands that a test sends together: announces the keys they may create, and records those they did. */
import type { CaptureSink, CreatedSet, PendingCreate, StoreSeen } from '@dustpan/core/driver'
import { type Arg, keyOf, sameBytes } from '../keys.ts'
import { rememberStore } from '../removal/settings.ts'
import type { Args, Rule } from '../rule.ts'
import type { CaptureRules } from './capture-rules.ts'
import type { Connection } from './connection.ts'
import { KeyOwnership } from './key-ownership.ts'
import { keysSeen } from './keys-seen.ts'
import { type Creation, type Effect, type Existed, effectOf, type Observed } from './observed-command.ts'
import type { Selection } from './selection.ts'
import { warnOfDatabase, warnOfDenied, warnOfSeeds, warnOfSwapped, warnOfUnverified } from './unknown.ts'

type Begin = CaptureSink['begin']

/** The client's connection and selected database, with the sink and rules. */
export interface Watcher {
  readonly sink: CaptureSink
  readonly rules: (store: { readonly id: string }) => CaptureRules
  readonly connection: Connection
  readonly selection: Selection
}

/** One intent, and the record that follows once all of its commands have a reply. */
export class Watch {
  readonly #watcher: Watcher
  /** The database in which the intent was announced. */
  readonly #announcedDatabase: number
  readonly #firstRules: CaptureRules
  readonly #via: string
  /** Begins an intent in the test's scope. */
  readonly #begin: Begin
  readonly #pending: PendingCreate | undefined
  readonly #ownership: KeyOwnership
  #created: Creation[] = []
  #unanswered = 0
  #doubtful = false
  #rejected = true
  #done = false

  private constructor(
    watcher: Watcher,
    rules: CaptureRules,
    begin: Begin,
    via: string,
    pending: PendingCreate | undefined,
  ) {
    this.#watcher = watcher
    this.#announcedDatabase = watcher.selection.number
    this.#begin = begin
    this.#firstRules = rules
    this.#via = via
    this.#pending = pending
    this.#ownership = new KeyOwnership(watcher, () => this.#rules)
  }

  /** Undefined: the commands are not tracked. The intent is on disk when this returns. */
  static begin(watcher: Watcher, begin: Begin, first: Observed, via: string): Watch | undefined {
    const store = watcher.connection.store(watcher.selection.number)
    const rules = watcher.rules(store)
    if (first.keys.length === 0) return new Watch(watcher, rules, begin, via, undefined)
    const type = rules.typeOf(String(first.keys[0]))
    rememberStore(store.id)
    const pending = begin({ kind: '@dustpan/redis', store, type, via })
    if (pending) keysSeen(watcher.sink).trackedStores.add(store.id)
    else if (watcher.connection.location.cluster) warnOfSeeds(watcher)
    return pending && new Watch(watcher, rules, begin, via, pending)
  }

  get #rules(): CaptureRules {
    const { rules, connection, selection } = this.#watcher
    return selection.number === this.#announcedDatabase ? this.#firstRules : rules(connection.store(selection.number))
  }

  /** Whether its intent is on disk. */
  get isAnnounced(): boolean {
    return this.#pending !== undefined
  }

  /** Whether everything is recorded. */
  get isDone(): boolean {
    return this.#done
  }

  /** Announces the key that a command will likely create, while the server is busy with it. */
  predict({ keys: [key, another], rule }: Observed): void {
    if (key === undefined || another !== undefined || rule.expires) return
    const { connection } = this.#watcher
    const type = this.#rules.typeOf(String(key))
    this.#pending?.expect({ type, steps: connection.steps(undefined), proof: connection.proof(rule.type) })
  }

  /** Adds a command whose reply is awaited. */
  expect(): void {
    this.#unanswered++
  }

  /**
   * Takes the reply to a command; `existed` has the results of the lookups ahead of it. `again`: it was sent before,
   * with unknown effect.
   */
  answered(observed: Observed, reply: unknown, existed: Existed, again = false): Effect {
    const effect = effectOf(observed, reply, existed)
    this.#rejected = false
    if (effect.unknown === 'denied' && observed.keys.length > 0) warnOfDenied(this.#watcher.sink, observed.name)
    if (this.#watcher.selection.isUnknown) return this.#skipUnknownDatabase(effect)
    if (effect.unknown === 'lost' || (again && observed.keys.length > effect.created.length)) this.#doubtful = true
    this.#apply(again ? { ...effect, there: [], ...(observed.rule.empties ? { unseen: true } : {}) } : effect, observed)
    this.#settle()
    return effect
  }

  /** The keys to check with EXISTS after these commands, without duplicates. */
  followUpKeys(all: readonly Observed[]): readonly Arg[] {
    const keys = all.flatMap((one) => (one.followUps.length === 0 ? [] : this.#ownership.followUpKeys(one)))
    return keys.length < 2 ? keys : [...new Map(keys.map((key) => [sameBytes(key), key])).values()]
  }

  /** Takes the result of an EXISTS after the command, whose own reply does not say whether it deleted the key. */
  followUpAnswered(key: Arg, existed: ReturnType<Existed>): void {
    const isUnanswered = existed === 'denied' || existed === 'unasked'
    if ((existed !== false && !isUnanswered) || this.#watcher.selection.isUnknown) return
    if (isUnanswered) {
      if (!this.#ownership.isRecorded(key, this.#created)) return
      warnOfUnverified(this.#watcher.sink)
    }
    this.#ownership.forget([key])
    this.#strikeOff([key])
  }

  #skipUnknownDatabase(effect: Effect): Effect {
    warnOfDatabase(this.#watcher.sink)
    this.#settle()
    return effect
  }

  /** The server refused the command, or the transaction did not happen. */
  rejected(): void {
    this.#settle()
  }

  /** The reply was lost, so it is unknown whether the command was carried out: the intent stays open. */
  lost(): void {
    this.#doubtful = true
    this.#settle()
  }

  #apply(effect: Effect, observed: Observed): void {
    const { gone } = effect
    const { rule } = observed
    const mine = this.#ownership.apply(effect, observed, this.#created)
    if (gone.length > 0) this.#strikeOff(gone)
    if (rule.empties) this.#empty(rule.empties, observed, effect.unseen === true)
    for (const creation of mine) this.#created.push(creation)
  }

  #settle(): void {
    if (--this.#unanswered > 0 || this.#done) return
    this.#done = true
    const created = this.#created
    if (created.length > 0 || !this.#doubtful) this.#record(created)
  }

  #record(created: readonly Creation[]): void {
    const { connection, selection } = this.#watcher
    const databaseOf = ({ database }: Creation) => database ?? selection.number
    const here = created.filter((one) => databaseOf(one) === this.#announcedDatabase)
    this.#ownership.markRecorded(created)
    if (here.length > 0) this.#pending?.created(this.#sets(here))
    else this.#pending?.none(this.#rejected ? 'rejected' : 'updated-existing')
    if (here.length === created.length) return
    for (const [other, some] of Map.groupBy(created, databaseOf)) {
      if (other === this.#announcedDatabase) continue
      const store = connection.store(other)
      const type = this.#rules.typeOf(String(some[0]?.key))
      this.#begin({ kind: '@dustpan/redis', store, type, via: this.#via })?.created(this.#sets(some))
    }
  }

  #sets(created: readonly Creation[]): readonly CreatedSet[] {
    const [only] = created
    if (only && created.length === 1) return [this.#set(only, [only])]
    const alike = Map.groupBy(
      created,
      ({ key, type, expires }) => `${this.#rules.typeOf(String(key))}\n${type}\n${expires}`,
    )
    return [...alike.values()].map((some) => this.#set(some[0] as Creation, some))
  }

  #set({ key, type, expires }: Creation, all: readonly Creation[]): CreatedSet {
    const { connection } = this.#watcher
    return {
      type: this.#rules.typeOf(String(key)),
      steps: connection.steps(expires),
      proof: connection.proof(type),
      keys: all.map((one) => keyOf(one.key)),
    }
  }

  #strikeOff(gone: readonly Arg[]): void {
    const { sink, connection, selection } = this.#watcher
    const bytes = new Set(gone.map(sameBytes))
    this.#created = this.#created.filter(({ key }) => !bytes.has(sameBytes(key)))
    const store = connection.store(selection.number)
    for (const [type, keys] of Map.groupBy(gone, (key) => this.#rules.typeOf(String(key))))
      sink.gone(store, type, keys.map(keyOf))
  }

  /** The keys of databases other than the connection's own were not listed. */
  #empty(which: NonNullable<Rule['empties']>, observed: Observed, unseen: boolean): void {
    this.#created = []
    const { sink, connection, selection } = this.#watcher
    const own = connection.store(selection.number)
    for (const store of this.#emptied(which, observed.args)) {
      for (const type of this.#rules.types) sink.gone(store, type, 'all')
      if (unseen || store.id !== own.id) this.#ownership.markEmptied(store, observed)
    }
  }

  #emptied(which: NonNullable<Rule['empties']>, args: Args): readonly StoreSeen[] {
    const { sink, connection, selection } = this.#watcher
    if (which === 'database') return [connection.store(selection.number)]
    if (which === 'all') return connection.allStores
    warnOfSwapped(sink)
    return which(args).map((one) => connection.store(one))
  }
}
