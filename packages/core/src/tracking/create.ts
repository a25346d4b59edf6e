/** A creation from its intent to its fact. */
import { clock } from '../clock/clock.ts'
import { redact } from '../errors/redact.ts'
import type { CaptureTransaction, CreatedSet, PendingCreate } from '../resource/capture.ts'
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
  { type, via, marker }: { type: string; via: string; marker?: string },
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
  return {
    created(sets, tx) {
      const filled = sets.filter(({ keys }) => keys.length > 0)
      if (filled.length === 0) tracking.write({ e: 'create.none', intent, why: 'nothing-created' })
      return filled.flatMap((set) => {
        const resources = tracking.record(scope, resourceSet(tracking, scope, store, set, source, tx), intent)
        ;(tx as TrackedTransaction | undefined)?.created(resources)
        return resources.map(({ id }) => id)
      })
    },
    none: (why) => tracking.write({ e: 'create.none', intent, why }),
  }
}

function resourceSet(
  tracking: Tracking,
  scope: Scope,
  store: StoreRef,
  { type, keys, steps, proof, dependsOn, metadata }: CreatedSet,
  source: string | undefined,
  tx: CaptureTransaction | undefined,
): ResourceSet {
  return {
    set: tracking.nextId(),
    type,
    keys,
    store,
    steps: stepsIn(store, steps),
    proof,
    lifetime: tracking.settings.lifetime,
    ...(dependsOn && dependsOn.length > 0 ? { dependsOn } : {}),
    origin: 'captured',
    attributed: scope.identity.kind,
    ...(tx === undefined ? {} : { tx: tx.id }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(source === undefined ? {} : { source }),
  }
}

const known = new WeakMap<CreatedSet['steps'], { readonly store: StoreRef; readonly steps: CreatedSet['steps'] }>()

/** Where an instrument gives the same steps for all that goes alike, they stay the same. */
function stepsIn(store: StoreRef, given: CreatedSet['steps']): CreatedSet['steps'] {
  const before = known.get(given)
  if (before?.store === store) return before.steps
  const steps = given.map((step) => named(step, store.driver))
  known.set(given, { store, steps })
  return steps
}

const named = (step: RemovalStep, driver: string): RemovalStep =>
  'closure' in step || step.driver !== '$driver' ? step : { ...step, driver }
