/** Who owns the keys of a command: the tests, as far as is on record, or somebody else who created them before. */
import { clock, type StoreSeen } from '@dustpan/core/driver'
import { forgetKeyChange, type KeyChange, keyChange, noteKeyChange } from '../key-changes.ts'
import { type Arg, keyOf, sameBytes } from '../keys.ts'
import { isQueueKey, noteQueue } from './bullmq.ts'
import type { CaptureRules } from './capture-rules.ts'
import { earlier, expiryOf, finite, type OwnedKey } from './expiry-of.ts'
import { type KeysSeen, keysSeen } from './keys-seen.ts'
import { type Creation, type Effect, nextPlace, type Observed } from './observed-command.ts'
import { warnOfKept, warnOfUnseen } from './unknown.ts'
import type { Watcher } from './watch.ts'

export class KeyOwnership {
  readonly #watcher: Watcher
  readonly #rulesNow: () => CaptureRules
  readonly #preexisting: KeysSeen
  /** Created by tests, under ignored names. */
  readonly #ignored: KeysSeen
  readonly #trackedStores: ReadonlySet<string>

  constructor(watcher: Watcher, rules: () => CaptureRules) {
    this.#watcher = watcher
    this.#rulesNow = rules
    const { preexisting, ignored, trackedStores } = keysSeen(watcher.sink)
    this.#trackedStores = trackedStores
    this.#preexisting = preexisting
    this.#ignored = ignored
  }

  get #rules(): CaptureRules {
    return this.#rulesNow()
  }

  /**
   * Applies the effect of a command; returns the created keys that belong to the test. `pending`: created before it,
   * not yet recorded.
   */
  apply(effect: Effect, observed: Observed, pending: Creation[]): readonly Creation[] {
    const { there, gone, wrote } = effect
    const { rule } = observed
    const moved = rule.moves && wrote ? this.#move(observed, pending) : undefined
    const until = rule.copies === undefined ? undefined : this.#copyExpiry(effect, observed, pending)
    const known = until === undefined ? effect : { ...effect, until }
    for (const key of there) this.#noteExisting(key, known, observed, pending)
    this.forget(gone)
    noteQueue(this.#watcher.sink, this.#store(), observed, (key) => this.#rules.ignores(key))
    const made =
      until !== undefined ? effect.created.map((one) => ({ ...one, expires: finite(until) })) : effect.created
    const created = moved ? moved(made) : made
    return created.length === 0 ? created : created.filter((one) => this.#isNew(one))
  }

  /** Call when the keys were deleted. */
  forget(keys: readonly Arg[]): void {
    const { id } = this.#store()
    for (const key of keys) {
      forgetKeyChange(id, key)
      this.#ignored.forget(id, key)
    }
  }

  /** Call when unlisted keys were deleted: a key created in the store from now on may be one of them. */
  markEmptied({ id }: StoreSeen, { name, at }: Observed): void {
    this.#preexisting.addUnseen(id, at)
    warnOfUnseen(this.#watcher.sink, name)
  }

  /** Call when the keys are on record. */
  markRecorded(created: readonly Creation[]): void {
    for (const { key, database } of created) this.#preexisting.forget(this.#store(database).id, key)
  }

  /** The keys worth checking after a command: only those that may be on record. */
  followUpKeys({ rule, followUps }: Observed): readonly Arg[] {
    const { id } = this.#store()
    if (followUps.length === 0 || !this.#trackedStores.has(id)) return []
    const ours = followUps.filter((key) => !this.#preexisting.has(id, key))
    return rule.mayNameKeys ? ours.filter((key) => key === followUps[0] || this.#recorded(key, [])) : ours
  }

  isRecorded(key: Arg, pending: readonly Creation[]): boolean {
    return this.#recorded(key, pending) !== undefined
  }

  #isNew({ key, database, at, expires }: Creation): boolean {
    const { sink, connection } = this.#watcher
    const store = this.#store(database)
    const { id } = store
    forgetKeyChange(id, key)
    const isIgnored = this.#rules.ignores(String(key))
    if (isIgnored) this.#ignored.add(id, key, at)
    if (isIgnored && expires !== undefined) noteKeyChange(id, key, { expires })
    return !isIgnored && !this.#preexisting.has(id, key, at, connection) && !isQueueKey(sink, store, key)
  }

  /** The key existed before the command: created by a test, or by somebody else. */
  #noteExisting(key: Arg, effect: Effect, observed: Observed, pending: Creation[]): void {
    const { id } = this.#store()
    const isIgnored = this.#rules.ignores(String(key))
    if (isIgnored && !this.#ignored.has(id, key)) return
    const recorded = isIgnored ? undefined : this.#recorded(key, pending)
    const isExpired = this.#hasExpired(expiryOf(id, key, recorded), observed)
    if (isIgnored) {
      if (isExpired) this.forget([key])
    } else if (!recorded || isExpired) this.#preexisting.add(id, key, this.#seenAt(observed))
    else if (!('at' in recorded)) this.#preexisting.forget(id, key)
    if (!isExpired && effect.wrote && !observed.rule.moves && !effect.gone.includes(key))
      this.#noteChange(key, recorded, effect, observed)
  }

  #seenAt({ rule, at }: Observed): Parameters<KeysSeen['add']>[2] {
    return rule.waits ? { at, until: nextPlace(), connection: this.#watcher.connection } : at
  }

  /** Notes the new type and expiry time of a key that was written over. */
  #noteChange(key: Arg, owned: OwnedKey | undefined, { until }: Effect, { rule, args, keys, time }: Observed): void {
    const isWritten = keys.includes(key)
    if (keys.length > 0 && !isWritten) return
    const { id } = this.#store()
    const never = rule.replaces && (owned || keyChange(id, key)) ? Number.POSITIVE_INFINITY : undefined
    const after = until ?? rule.expires?.(args, time) ?? never
    const expires = rule.unsure ? earlier(after, expiryOf(id, key, owned)) : after
    const isOther = isWritten && owned && typeOf(owned) !== rule.type
    const more: KeyChange = {
      ...(expires === undefined ? {} : { expires }),
      ...(isOther || (isWritten && keyChange(id, key)?.type !== undefined) ? { type: rule.type ?? null } : {}),
    }
    if (Object.keys(more).length > 0) noteKeyChange(id, key, more)
  }

  /** The new key is the test's if the old one was. */
  #move(observed: Observed, pending: Creation[]): (created: readonly Creation[]) => readonly Creation[] {
    const { name, rule, args } = observed
    const [from, to] = [args[rule.moves?.from ?? 0] as Arg, args[rule.moves?.to ?? 0] as Arg]
    const { sink } = this.#watcher
    const [store, other] = [this.#store(), this.#store(rule.database?.(args))]
    const owned = this.#owned(from, observed, pending)
    if (store === other && sameBytes(from) === sameBytes(to)) return () => []
    const isKept = owned !== undefined && 'isKept' in owned && owned.isKept
    if (isKept) warnOfKept(sink, name, rule.moves?.part === true)
    else if (owned || this.#isIgnoredTestKey(from, observed)) {
      if (rule.moves?.part) return (created) => created
      const type = keyChange(store.id, from)?.type ?? (owned && typeOf(owned))
      const expires = expiryOf(store.id, from, owned)
      if (this.#owned(to, observed, pending))
        noteKeyChange(other.id, to, { type: type ?? null, expires: expires ?? Number.POSITIVE_INFINITY })
      return (created) => created.map((one) => ({ ...one, type: type ?? undefined, expires: finite(expires) }))
    }
    this.#preexisting.add(other.id, to, this.#seenAt(observed))
    sink.gone(other, this.#rules.typeOf(String(to)), [keyOf(to)])
    drop(pending, to)
    return () => []
  }

  #isIgnoredTestKey(key: Arg, observed: Observed): boolean {
    const { id } = this.#store()
    return this.#ignored.has(id, key) && !this.#hasExpired(expiryOf(id, key, undefined), observed)
  }

  /** A copy expires with its source; the earlier of the known times counts. */
  #copyExpiry({ until }: Effect, observed: Observed, pending: readonly Creation[]): number {
    const { rule, args } = observed
    const source = args[rule.copies ?? 0] as Arg
    const known = expiryOf(this.#store().id, source, this.#recorded(source, pending))
    return earlier(until, this.#hasExpired(known, observed) ? undefined : known)
  }

  /** If the key had expired when the command was sent, somebody else has created it again since. */
  #hasExpired(time: number | undefined, { rule, time: sent }: Observed): boolean {
    return time !== undefined && time <= (rule.waits ? clock.now() : sent)
  }

  #owned(key: Arg, observed: Observed, pending: readonly Creation[]): OwnedKey | undefined {
    const recorded = this.#recorded(key, pending)
    return this.#hasExpired(expiryOf(this.#store().id, key, recorded), observed) ? undefined : recorded
  }

  #recorded(key: Arg, pending: readonly Creation[]): OwnedKey | undefined {
    const { sink } = this.#watcher
    const bytes = sameBytes(key)
    return (
      pending.find((one) => sameBytes(one.key) === bytes) ??
      sink.onRecord(this.#store(), this.#rules.typeOf(String(key)), keyOf(key))
    )
  }

  #store(database = this.#watcher.selection.number): StoreSeen {
    return this.#watcher.connection.store(database)
  }
}

function typeOf(owned: OwnedKey): string | undefined {
  if ('at' in owned) return owned.type
  const type = owned.proof.match?.type
  return typeof type === 'string' ? type : undefined
}

function drop(pending: Creation[], key: Arg): void {
  const at = pending.findIndex((one) => sameBytes(one.key) === sameBytes(key))
  if (at >= 0) pending.splice(at, 1)
}
