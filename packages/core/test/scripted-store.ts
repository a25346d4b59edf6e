/** A small store with foreign keys behind a real driver, with scripted failures that no real store can produce. */
import { DustpanError } from '../src/errors/dustpan-error.ts'
import type { ConnectContext, RemovalContext, StoreConnection } from '../src/resource/connection.ts'
import type { CreateDriver, Driver } from '../src/resource/driver.ts'
import type { Json, Removal } from '../src/resource/resource.ts'
import type { RemovalOutcome, RestoreOutcome, Target } from '../src/resource/target.ts'

export interface ScriptedStore {
  readonly id: string
  /** `user 7` → its parent: `team 1`. */
  readonly rows: Map<string, { parent?: string; afterParent?: boolean; text?: string }>
  /** The calls in order: `connect`, `remove user 7, user 8`, `probe …`, `close`. */
  readonly calls: string[]
  /** Overrides what the store would do. */
  script: Script
  capabilities: Partial<Driver['capabilities']>
  boundTo?: 'gone' | 'lost'
  /** Whether it supports backups. */
  backs?: boolean
}

export interface Script {
  connect?: (ctx: Pick<ConnectContext, 'signal' | 'guard'>) => unknown
  /** Undefined: as the store would. `'forget'`: no outcome for this target. */
  answer?: (target: Target, ctx: RemovalContext) => RemovalOutcome | 'forget' | undefined
  /** Runs before anything is removed: may throw or never settle. */
  remove?: (targets: readonly Target[], ctx: RemovalContext) => unknown
  /** Additional outcomes for targets that were not asked for. */
  more?: ReadonlyMap<string, RemovalOutcome>
  relate?: (targets: readonly Target[]) => unknown
  probe?: (targets: readonly Target[]) => unknown
  /** Overrides the backup; may throw. Undefined: the row. */
  backup?: (target: Target) => Json | undefined
  /** Runs after a restore: may throw or never settle. */
  putBack?: () => unknown
  close?: () => unknown
}

export function scriptedStore(id = 'scripted://localhost/shop'): ScriptedStore {
  return { id, rows: new Map(), calls: [], script: {}, capabilities: {} }
}

export const never = (): Promise<never> => new Promise(() => {})

export const removal = (type: string, driver = 'main'): Removal => ({ driver, op: 'delete', v: 1, args: { type } })

export const nameOf = ({ type, key }: { type: string; key: Json }): string => `${type} ${String(key)}`

export function scriptedDriver(store: ScriptedStore, name = 'main'): Driver {
  return {
    name,
    capabilities: {
      intent: 'before',
      proof: 'key-only',
      maxBatch: 1000,
      concurrency: 1,
      atomicBatch: false,
      verify: 'extra-round-trip',
      transactions: true,
      ...store.capabilities,
    },
    ...(store.boundTo === undefined ? {} : { boundTo: store.boundTo }),
    removal: (spec) => ({ removal: removal(String(spec.table), name), store: { driver: name, id: store.id } }),
    async connect(_, ctx) {
      store.calls.push('connect')
      await store.script.connect?.(ctx)
      return connection(store)
    },
    describe: ({ args }, key) => `DELETE ${(args as { type: string }).type} ${String(key)}`,
  }
}

function connection(store: ScriptedStore): StoreConnection {
  const { calls, rows } = store
  const logCall = (call: string, targets: readonly Target[]) => calls.push(`${call} ${targets.map(nameOf).join(', ')}`)
  return {
    async remove(targets, ctx) {
      logCall('remove', targets)
      await store.script.remove?.(targets, ctx)
      const answers = targets.map(
        (target) => [target.id, store.script.answer?.(target, ctx) ?? removeRow(store, target)] as const,
      )
      const given = answers.filter((answer): answer is readonly [string, RemovalOutcome] => answer[1] !== 'forget')
      return new Map([...given, ...(store.script.more ?? [])])
    },
    async relate(targets, { dependents }) {
      await store.script.relate?.(targets)
      const there = new Map(targets.map((target) => [nameOf(target), target]))
      const hanging = [...rows].flatMap(([name, { parent, afterParent }]) =>
        parent !== undefined && there.has(parent) ? [{ name, parent, afterParent }] : [],
      )
      return {
        group: new Map(targets.map(({ id, type }) => [id, type])),
        edges: hanging.map(({ name, parent }) => [typeOf(name), typeOf(parent)] as const),
        dependents: hanging
          .filter(({ name }) => dependents && !there.has(name))
          .map(({ name, parent, afterParent }) => ({
            of: (there.get(parent) as Target).id,
            type: typeOf(name),
            key: keyOf(name),
            rule: 'restrict' as const,
            ...(afterParent
              ? {
                  provenance: 'after-parent' as const,
                  removal: removal(typeOf(name)),
                  proof: { strength: 'exact' as const },
                }
              : { provenance: 'unproven' as const }),
          })),
      }
    },
    async probe(targets) {
      logCall('probe', targets)
      const scripted = await store.script.probe?.(targets)
      if (scripted) return scripted as never
      return new Map(targets.map((target) => [target.id, rows.has(nameOf(target)) ? 'present' : 'absent'] as const))
    },
    ...(store.backs ? backups(store, logCall) : {}),
    async [Symbol.asyncDispose]() {
      calls.push('close')
      await store.script.close?.()
    },
  }
}

function backups(
  { rows, script }: ScriptedStore,
  logCall: (call: string, targets: readonly Target[]) => unknown,
): Required<Pick<StoreConnection, 'backup' | 'putBack'>> {
  return {
    async backup(targets) {
      logCall('backup', targets)
      const known = targets.map(
        (target) => [target.id, script.backup?.(target) ?? fieldsOf(rows.get(nameOf(target)))] as const,
      )
      return new Map(known.filter((one): one is readonly [string, Json] => one[1] !== undefined))
    },
    async putBack(given) {
      logCall(
        'put back',
        given.map(({ target }) => target),
      )
      const outcomes = new Map(given.map(({ target, backup }) => [target.id, putBack(rows, target, backup)]))
      await script.putBack?.()
      return outcomes
    },
  }
}

const fieldsOf = (
  row: ScriptedStore['rows'] extends Map<string, infer Row> ? Row | undefined : never,
): Json | undefined => row && { fields: { ...row } }

function putBack(rows: ScriptedStore['rows'], target: Target, backup: Json): RestoreOutcome {
  const { fields } = backup as { fields: { parent?: string } }
  const why = rows.has(nameOf(target))
    ? 'the key is taken'
    : fields.parent && !rows.has(fields.parent)
      ? 'no parent'
      : ''
  if (why !== '') return { state: 'failed', error: new DustpanError('DUSTPAN_RESTORE_FAILED', why) }
  rows.set(nameOf(target), fields)
  return { state: 'restored', result: '1 row' }
}

const typeOf = (name: string): string => name.split(' ')[0] as string
const keyOf = (name: string): string => name.slice(name.indexOf(' ') + 1)

function removeRow({ rows }: ScriptedStore, target: Target): RemovalOutcome {
  const name = nameOf(target)
  if (!rows.has(name)) return { state: 'already-gone' }
  const dependents = [...rows]
    .filter(([, { parent }]) => parent === name)
    .map(([child]) => ({ type: typeOf(child), key: keyOf(child) }))
  if (dependents.length > 0) return { state: 'refused', why: 'has-dependents', detail: { dependents } }
  rows.delete(name)
  return { state: 'removed', result: '1 row' }
}

/** For a configuration: `{ use: <this file>, name, options: { store } }` finds the store by its id. */
export const stores = new Map<string, ScriptedStore>()

export const createDriver: CreateDriver = (name, options) => {
  const { store } = options as { store: string }
  return scriptedDriver(stores.get(store) as ScriptedStore, name)
}
