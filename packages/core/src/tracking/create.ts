/** A creation from its intent to its fact. */
import { clock } from '../clock/clock.ts'
import { redact } from '../errors/redact.ts'
import { beginEvent } from '../ledger/journal.ts'
import type { CreatedSet, CreatedShape, PendingCreate } from '../resource/capture.ts'
import type { IntentId, RemovalStep, ResourceSet, StoreRef } from '../resource/resource.ts'
import { creationSource } from './creation-source.ts'
import type { Scope } from './scope.ts'
import type { Entry } from './source-line.ts'
import { type Tracking, writeScope } from './tracking.ts'
import type { TrackedTransaction } from './transaction.ts'

/** Announces a create: the intent is on disk when this returns. */
export function beginCreate(
  tracking: Tracking,
  scope: Scope,
  store: StoreRef,
  { kind, type, via, marker }: { kind?: string; type: string; via: string; marker?: string },
  entry: Entry = beginCreate,
): PendingCreate {
  const intent: IntentId = tracking.nextId()
  const source = creationSource(tracking, scope, type, entry)
  const more = { ...(marker === undefined ? {} : { marker }), ...(source === undefined ? {} : { source }) }
  writeScope(tracking, scope)
  tracking.write({
    e: 'create.intended',
    scope: scope.id,
    intent,
    store,
    type,
    via: redact(via),
    ...more,
    at: clock.now(),
  })
  // A body that nobody reads never comes to its end: HTTP counts its own.
  if (kind !== 'http') tracking.unanswered.add(intent)
  const begin = (shape: CreatedShape): BegunFact => {
    const set = beginSet(tracking, scope, store, shape, source)
    return { shape, set, begun: beginEvent({ e: 'created', scope: scope.id, intent, ...set }) }
  }
  let expected: BegunFact | undefined
  const take = (given: CreatedSet): BegunFact => {
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
      const filled = sets.filter(({ keys }) => keys.length > 0)
      if (filled.length === 0) tracking.write({ e: 'create.none', intent, why: 'nothing-created' })
      return filled.flatMap((given) => {
        const { set, begun } = take(given)
        const { keys } = given
        const resources = tracking.record(scope, tx ? { ...set, keys, tx: tx.id } : { ...set, keys }, begun)
        ;(tx as TrackedTransaction | undefined)?.created(resources)
        return resources.map(({ id }) => id)
      })
    },
    none(why) {
      tracking.unanswered.delete(intent)
      tracking.write({ e: 'create.none', intent, why })
    },
  }
}

/** A fact but for its keys and transaction. */
interface BegunFact {
  readonly shape: CreatedShape
  readonly set: BegunSet
  readonly begun: string
}

type BegunSet = Omit<ResourceSet, 'keys'>

/** Instruments give the same steps and proof for all that goes alike. */
function isOf(shape: CreatedShape, { type, steps, proof, dependsOn, metadata }: CreatedSet): boolean {
  return (
    shape.type === type &&
    shape.steps === steps &&
    shape.proof === proof &&
    shape.dependsOn === dependsOn &&
    shape.metadata === metadata
  )
}

function beginSet(
  tracking: Tracking,
  scope: Scope,
  store: StoreRef,
  { type, steps, proof, dependsOn, metadata }: CreatedShape,
  source: string | undefined,
): BegunSet {
  return {
    set: tracking.nextId(),
    type,
    store,
    steps: stepsIn(store, steps),
    proof,
    lifetime: tracking.settings.lifetime,
    ...(dependsOn && dependsOn.length > 0 ? { dependsOn } : {}),
    origin: 'captured',
    attributed: scope.identity.kind,
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
