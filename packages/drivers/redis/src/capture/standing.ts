/** Whose the keys are that a command was about: the tests', as far as it is on record, or somebody's who was there before. */
import { clock, type RecordedResource, type StoreSeen } from '@dustpan/core/driver'
import { type Arg, keyOf, sameBytes } from '../keys.ts'
import { forgetSinceMade, noteSinceMade, type SinceMade, sinceMade } from '../since-made.ts'
import { isOfQueue, noteQueue } from './bullmq.ts'
import type { CaptureRules } from './capture-rules.ts'
import { type KeysSeen, keysSeen } from './keys-seen.ts'
import { type Creation, type Effect, type Observed, placeNow } from './observed.ts'
import { warnOfKept, warnOfUnseen } from './unknown.ts'
import type { Watcher } from './watch.ts'

/** Not on record yet: its commands are not all answered. */
type Owned = RecordedResource | Creation

export class Standing {
  readonly #watcher: Watcher
  readonly #rulesNow: () => CaptureRules
  readonly #before: KeysSeen
  /** Made by tests, under names that are not tracked. */
  readonly #ignored: KeysSeen

  constructor(watcher: Watcher, rules: () => CaptureRules) {
    this.#watcher = watcher
    this.#rulesNow = rules
    const { before, ignored } = keysSeen(watcher.sink)
    this.#before = before
    this.#ignored = ignored
  }

  get #rules(): CaptureRules {
    return this.#rulesNow()
  }

  /** What a command has made of keys; gives what is the test's of what it created. `pending` is of the commands before it. */
  take(effect: Effect, observed: Observed, pending: Creation[]): readonly Creation[] {
    const { there, gone, wrote } = effect
    const { rule } = observed
    const moved = rule.moves && wrote ? this.#move(observed, pending) : undefined
    for (const key of there) this.#wasThere(key, effect, observed, pending)
    this.forget(gone)
    noteQueue(this.#watcher.sink, this.#store(), observed, (key) => this.#rules.ignores(key))
    const created = moved ? moved(effect.created) : effect.created
    return created.length === 0 ? created : created.filter((one) => this.#isNew(one))
  }

  /** They are gone. */
  forget(keys: readonly Arg[]): void {
    const { id } = this.#store()
    for (const key of keys) {
      forgetSinceMade(id, key)
      this.#ignored.forget(id, key)
    }
  }

  /** What was in it nobody has seen: whoever makes a key there may make one of those again. */
  emptied({ id }: StoreSeen, { name, at }: Observed): void {
    this.#before.addUnseen(id, at)
    warnOfUnseen(this.#watcher.sink, name)
  }

  /** They are on record now. */
  told(created: readonly Creation[]): void {
    for (const { key, database } of created) this.#before.forget(this.#store(database).id, key)
  }

  #isNew({ key, database, at }: Creation): boolean {
    const { sink, connection } = this.#watcher
    const store = this.#store(database)
    const { id } = store
    forgetSinceMade(id, key)
    const isIgnored = this.#rules.ignores(String(key))
    if (isIgnored) this.#ignored.add(id, key, at)
    return !isIgnored && !this.#before.has(id, key, at, connection) && !isOfQueue(sink, store, key)
  }

  /** It was there before the command: made by a test, or by somebody else. */
  #wasThere(key: Arg, { gone, wrote }: Effect, observed: Observed, pending: Creation[]): void {
    if (this.#rules.ignores(String(key))) return
    const owned = this.#owned(key, pending)
    if (!owned) this.#before.add(this.#store().id, key, this.#shownBy(observed))
    else if (!('at' in owned)) this.#before.forget(this.#store().id, key)
    if (wrote && !observed.rule.moves && !gone.includes(key)) this.#change(key, owned, observed)
  }

  #shownBy({ rule, at }: Observed): Parameters<KeysSeen['add']>[2] {
    return rule.waits ? { at, until: placeNow(), connection: this.#watcher.connection } : at
  }

  /** What is known of it changes with what is written over it. */
  #change(key: Arg, owned: Owned | undefined, { rule, args, keys }: Observed): void {
    const isWritten = keys.includes(key)
    if (keys.length > 0 && !isWritten) return
    const { id } = this.#store()
    const never = rule.replaces && (owned || sinceMade(id, key)) ? Number.POSITIVE_INFINITY : undefined
    const expires = rule.expires?.(args, clock.now()) ?? never
    const isOther = isWritten && owned && typeOf(owned) !== rule.type
    const more: SinceMade = {
      ...(expires === undefined ? {} : { expires }),
      ...(isOther || (isWritten && sinceMade(id, key)?.type !== undefined) ? { type: rule.type ?? null } : {}),
    }
    if (Object.keys(more).length > 0) noteSinceMade(id, key, more)
  }

  /** The new name is the test's if the old one was; what is somebody's stays that under any name. */
  #move(observed: Observed, pending: Creation[]): (created: readonly Creation[]) => readonly Creation[] {
    const { name, rule, args } = observed
    const [from, to] = [args[rule.moves?.from ?? 0] as Arg, args[rule.moves?.to ?? 0] as Arg]
    const { sink } = this.#watcher
    const [store, other] = [this.#store(), this.#store(rule.database?.(args))]
    const owned = this.#owned(from, pending)
    if (store === other && sameBytes(from) === sameBytes(to)) return () => []
    const isKept = owned !== undefined && 'isKept' in owned && owned.isKept
    if (isKept) warnOfKept(sink, name, rule.moves?.part === true)
    else if (owned || this.#ignored.has(store.id, from)) {
      if (rule.moves?.part) return (created) => created
      const type = sinceMade(store.id, from)?.type ?? (owned && typeOf(owned))
      if (this.#owned(to, pending))
        noteSinceMade(other.id, to, { type: type ?? null, expires: Number.POSITIVE_INFINITY })
      return (created) => created.map((one) => ({ ...one, type: type ?? undefined }))
    }
    this.#before.add(other.id, to, this.#shownBy(observed))
    sink.gone(other, this.#rules.typeOf(String(to)), [keyOf(to)])
    drop(pending, to)
    return () => []
  }

  #owned(key: Arg, pending: readonly Creation[]): Owned | undefined {
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

function typeOf(owned: Owned): string | undefined {
  if ('at' in owned) return owned.type
  const type = owned.proof.match?.type
  return typeof type === 'string' ? type : undefined
}

function drop(pending: Creation[], key: Arg): void {
  const at = pending.findIndex((one) => sameBytes(one.key) === sameBytes(key))
  if (at >= 0) pending.splice(at, 1)
}
