/** The cleanup pipeline around scripted stores, without a run; `events` collects what it writes. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { onTestFinished } from 'vitest'
import { clean } from '../src/cleanup/clean.ts'
import { openConnections } from '../src/cleanup/connections.ts'
import type { CleanupContext } from '../src/cleanup/context.ts'
import type { Settings } from '../src/config/settings.ts'
import type { EventBody } from '../src/journal/events.ts'
import { isDeclared } from '../src/planning/declared.ts'
import type { Driver } from '../src/resource/driver.ts'
import type { Resource, ResourceSet } from '../src/resource/resource.ts'
import { nameOf, removal, type ScriptedStore, scriptedDriver } from './scripted-store.ts'
import { quickSettings } from './settings.ts'

export interface Pipeline {
  readonly ctx: CleanupContext
  readonly store: ScriptedStore
  readonly events: EventBody[]
  readonly warnings: string[]
  /** Puts a row into the store and records it. */
  create(type: string, key: string | number, more?: Partial<ResourceSet> & { parent?: Resource }): Resource
  /** Cleans up, and returns every resource's state by its name. */
  clean(resources?: readonly Resource[], forMs?: number): Promise<Record<string, string>>
}

export function pipeline(
  store: ScriptedStore,
  {
    settings = quickSettings(),
    drivers = [],
    change = {},
  }: { settings?: Settings; drivers?: readonly Driver[]; change?: Partial<CleanupContext> } = {},
): Pipeline {
  const events: EventBody[] = []
  const warnings: string[] = []
  const recorded: Resource[] = []
  const connections = openConnections(settings)
  onTestFinished(() => connections[Symbol.asyncDispose]())
  const own = new AsyncLocalStorage<boolean>()
  let batches = 0
  const record = (set: ResourceSet): Resource => {
    const order = recorded.length
    const resource: Resource = {
      ...{ id: `${set.set}.0`, key: set.keys[0] as string, set, scope: 's', createdAt: 0, order },
      ...{ state: 'live', attempts: 0, durationMs: 0 },
    }
    recorded.push(resource)
    return resource
  }
  const ctx: CleanupContext = {
    ...{ settings, run: 'r', writer: 'w', connections, closures: new Map() },
    drivers: new Map([scriptedDriver(store), ...drivers].map((driver) => [driver.name, driver])),
    isOpen: () => false,
    find: (_, type, key) =>
      recorded.find(
        (one) => one.set.type === type && String(one.key) === String(key) && !['removed', 'gone'].includes(one.state),
      ),
    verdictOf: () => 'passed',
    recordedIn: () => recorded,
    declaredIn: () => recorded.filter(isDeclared),
    derive: (parent, set) => [record({ ...set, set: `d${recorded.length}`, attributed: parent.set.attributed })],
    write: (event) => void events.push(event),
    warn: (code, message) => void warnings.push(`${code}: ${message}`),
    asOwn: (fn) => own.run(true, fn),
    nextBatch: () => `b${batches++}`,
    ...change,
  }
  return {
    ctx,
    store,
    events,
    warnings,
    create(type, key, { parent, ...more } = {}) {
      store.rows.set(
        `${type} ${key}`,
        parent === undefined ? {} : { parent: nameOf({ type: parent.set.type, key: parent.key }) },
      )
      return record({
        ...{
          set: `t${recorded.length}`,
          type,
          keys: [key],
          store: { driver: 'main', id: store.id },
          steps: [removal(type)],
        },
        ...{ proof: { strength: 'key-only' }, lifetime: 'test', origin: 'tracked', attributed: 'test' },
        ...more,
      })
    },
    async clean(resources = [...recorded], forMs = 5000) {
      await clean(resources, ctx, Date.now() + forMs)
      return Object.fromEntries(recorded.map(({ set, key, state }) => [nameOf({ type: set.type, key }), state]))
    },
  }
}
