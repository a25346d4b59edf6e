/** A creation from its intent to its fact. */
import { clock } from '../clock/clock.ts'
import { redact } from '../errors/redact.ts'
import { beginEvent } from '../ledger/journal.ts'
import type { CreatedSet, CreatedShape, CreationDraft, PendingCreate } from '../resource/capture.ts'
import type { IntentId, Json, RemovalStep, ResourceSet, StoreRef } from '../resource/resource.ts'
import { type Caller, creationSource } from './creation-source.ts'
import type { FirstMaker } from './removed-by-tests.ts'
import type { Scope } from './scope.ts'
import { type Tracking, writeScope } from './tracking.ts'
import type { TrackedTransaction } from './transaction.ts'

type BegunCreate = Pick<CreationDraft, 'type' | 'via' | 'marker' | 'session' | 'site'> & { readonly kind?: string }

/** Announces a create: the intent is on disk when this returns. */
export function beginCreate(
  tracking: Tracking,
  scope: Scope,
  store: StoreRef,
  { kind, type, via, marker, session, site }: BegunCreate,
  caller: Caller = { entry: beginCreate },
): PendingCreate {
  const intent: IntentId = tracking.nextId()
  const source = creationSource(tracking, scope, type, caller, site)
  const more = {
    ...(marker === undefined ? {} : { marker }),
    ...(session === undefined ? {} : { session }),
    ...(source === undefined ? {} : { source }),
  }
  writeScope(tracking, scope)
  const at = clock.now()
  tracking.write({
    e: 'create.intended',
    scope: scope.id,
    intent,
    store,
    type,
    via: redact(via),
    ...more,
    at,
  })
  // A body that nobody reads never comes to its end: HTTP counts its own.
  if (kind !== 'http') tracking.unanswered.add(intent)
  const begin = (shape: CreatedShape, owner = scope): BegunFact => {
    const set = tracking.nextId()
    const alike = alikeIn({ shape, store, attributed: owner.identity.kind, source }, tracking.settings.lifetime)
    const begun = beginEvent({ e: 'created', scope: owner.id, intent, set }) + alike.text
    return { shape, set: { set, ...alike.set }, begun }
  }
  let expected: BegunFact | undefined
  const take = (given: CreatedSet, owner: Scope): BegunFact => {
    if (owner !== scope) return begin(given, owner)
    const fact = expected && isOf(expected.shape, given) ? expected : begin(given)
    if (fact === expected) expected = undefined
    return fact
  }
  return {
    expect(shape) {
      expected = begin(shape)
    },
    created(sets, tx) {
      tracking.unanswered.delete(intent)
      const transaction = tx as TrackedTransaction | undefined
      const filled = madeIn(tracking, scope, store, sets, transaction).filter(({ given }) => given.keys.length > 0)
      if (filled.length === 0) {
        const isThere = sets.some(({ keys }) => keys.length > 0)
        tracking.write({ e: 'create.none', intent, why: isThere ? 'updated-existing' : 'nothing-created' })
      }
      return filled.flatMap(({ given, owner }) => {
        const { set, begun } = take(given, owner)
        const { keys } = given
        const resources = tracking.record(owner, tx ? { ...set, keys, tx: tx.id } : { ...set, keys }, {
          text: begun,
          at,
        })
        transaction?.created(resources)
        return resources.map(({ id }) => id)
      })
    },
    none(why) {
      tracking.unanswered.delete(intent)
      tracking.write({ e: 'create.none', intent, why })
    },
  }
}

interface Made {
  readonly given: CreatedSet
  readonly owner: Scope
}

/** Without what was there before: a test has removed it, and makes it again. What a scope around this one had made is that one's. */
function madeIn(
  tracking: Tracking,
  scope: Scope,
  { id }: StoreRef,
  sets: readonly CreatedSet[],
  tx: TrackedTransaction | undefined,
): readonly Made[] {
  const { removedByTests } = tracking
  if (removedByTests.isEmpty) return sets.map((given) => ({ given, owner: scope }))
  return sets.flatMap((set) => {
    const makerOf = (key: Json): FirstMaker => {
      const removed = { store: id, type: set.type, key, by: set.steps[0] }
      const maker = removedByTests.take(removed)
      if (maker !== undefined) tx?.onRollback(() => removedByTests.add(removed, maker))
      return maker === undefined || (maker !== 'nobody' && maker.ending) ? scope : maker
    }
    const byMaker = Map.groupBy(set.keys, makerOf)
    return [...byMaker].flatMap(([owner, keys]) => (owner === 'nobody' ? [] : [{ given: { ...set, keys }, owner }]))
  })
}

/** A fact but for its keys and transaction. */
interface BegunFact {
  readonly shape: CreatedShape
  readonly set: BegunSet
  readonly begun: string
}

type BegunSet = Omit<ResourceSet, 'keys'>

/** Instruments give the same steps and proof for all that goes alike. */
function isOf(shape: CreatedShape, { type, steps, proof, dependsOn, metadata, audit }: CreatedShape): boolean {
  return (
    shape.type === type &&
    shape.steps === steps &&
    shape.proof === proof &&
    shape.dependsOn === dependsOn &&
    shape.metadata === metadata &&
    shape.audit === audit
  )
}

interface Alike {
  readonly shape: CreatedShape
  readonly store: StoreRef
  readonly attributed: ResourceSet['attributed']
  readonly source: string | undefined
}

interface AlikeSets extends Alike {
  readonly set: Omit<BegunSet, 'set'>
  readonly text: string
}

const lastAlike = new WeakMap<CreatedSet['steps'], AlikeSets>()

/** What sets have in common that were created by one line, put into words once. */
function alikeIn(alike: Alike, lifetime: ResourceSet['lifetime']): AlikeSets {
  const { shape, store, attributed, source } = alike
  const last = lastAlike.get(shape.steps)
  const isSame =
    last?.store === store &&
    last.attributed === attributed &&
    last.source === source &&
    last.set.lifetime === lifetime &&
    isOf(last.shape, shape)
  if (last && isSame) return last
  const set = setOf(alike, lifetime)
  const sets = { ...alike, set, text: beginEvent(set) }
  lastAlike.set(shape.steps, sets)
  return sets
}

function setOf({ shape, store, attributed, source }: Alike, lifetime: ResourceSet['lifetime']): AlikeSets['set'] {
  const { type, steps, proof, dependsOn, metadata, audit } = shape
  return {
    type,
    store,
    steps: stepsIn(store, steps),
    proof,
    lifetime,
    ...(audit ? { audit } : {}),
    ...(dependsOn && dependsOn.length > 0 ? { dependsOn } : {}),
    origin: 'captured',
    attributed,
    ...(metadata === undefined ? {} : { metadata }),
    ...(source === undefined ? {} : { source }),
  }
}

const known = new WeakMap<CreatedSet['steps'], { readonly store: StoreRef; readonly steps: CreatedSet['steps'] }>()

/** Where an instrument gives the same steps for all that goes alike, they stay the same. */
export function stepsIn(store: StoreRef, given: CreatedSet['steps']): CreatedSet['steps'] {
  const before = known.get(given)
  if (before?.store === store) return before.steps
  const steps = given.map((step) => named(step, store.driver))
  known.set(given, { store, steps })
  return steps
}

const named = (step: RemovalStep, driver: string): RemovalStep =>
  'closure' in step || step.driver !== '$driver' ? step : { ...step, driver }
