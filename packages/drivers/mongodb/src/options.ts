import {
  checkOptionRules,
  type DriverConfig,
  eachOf,
  isFlag,
  isRecord,
  isText,
  type Json,
  type Kinds,
  type OptionRules,
  type OwnersOptions,
  sharedRules,
  someOf,
  wrongKinds,
} from '@dustpan/core/driver'
import type { Deletion } from '@dustpan/core/rows'
import { parseAddress } from './identity.ts'

export type { Deletion } from '@dustpan/core/rows'

/** Fields to set. `'now'` is the time of the removal; `{id}` in a string is the document's key. */
export type SoftDeleteFields = { readonly [field: string]: Json }

export interface MarkOptions {
  /**
   * Whether documents get the run's id, the fact that a test created them, and the time, in the fields that
   * `metadata.columns` names.
   * @default true
   */
  readonly run?: boolean
  /** A field with a list of strings, to which `test-data` is added. @example 'tags' */
  readonly tags?: string
  /** A field that is set to true. @example 'isTest' */
  readonly flag?: string
  /**
   * The collections whose documents are marked.
   * @default all
   */
  readonly collections?: readonly string[]
}

export interface MongodbOptions {
  /**
   * Unique among the drivers of the configuration.
   * @default 'mongodb'
   */
  readonly name?: string
  /**
   * Connection string for removals; `env('MONGODB_URL')` to take it from the environment. It also covers the other
   * databases of the server. Without it, only the process that created a document can remove it, with the settings of
   * the client that created it.
   */
  readonly url?: string | { readonly env: string }
  /**
   * Collections whose documents are marked instead of deleted: the fields to set, by collection.
   * @example { users: { isActive: false, deletedAt: 'now', email: 'deleted-{id}' } }
   */
  readonly softDelete?: { readonly [collection: string]: SoftDeleteFields }
  /**
   * Whether documents are deleted (`hard`) or marked (`soft`); also by environment.
   * @default soft for the collections in `softDelete`, hard for all others
   */
  readonly deletion?: Deletion | { readonly [environment: string]: Deletion }
  /**
   * Fields that hold the `_id` of a document in another collection, since MongoDB has no foreign keys. A document that
   * others refer to stays.
   * @example { orders: { userId: 'users', 'items.productId': 'products' } }
   */
  readonly references?: { readonly [collection: string]: { readonly [field: string]: string } }
  /**
   * Whether documents that tests insert are marked in the store itself.
   * @default false
   * @example { tags: 'tags', flag: 'isTest' }
   */
  readonly mark?: boolean | MarkOptions
  /**
   * Whether documents that `mongodb` inserts are tracked automatically.
   * @default true
   */
  readonly capture?: boolean
  /**
   * Collections whose documents can be removed by predicate, with the fields for owner, tags, run and creation time.
   * @example { items: { owner: 'createdBy', tag: 'tags' }, otps: { owner: { column: 'email', is: 'email', lowerCase: true } } }
   */
  readonly kinds?: Kinds
  /** The collection of the owners. @example { table: 'users' } */
  readonly owners?: OwnersOptions
  /** Collections whose documents are never tracked automatically, such as migrations and logs. */
  readonly ignoreCollections?: readonly string[]
}

/** The options as the driver gets them: without the name, the URL resolved. */
export type Settings = Omit<MongodbOptions, 'name' | 'url'> & { readonly url?: string }

/**
 * A MongoDB database for the `drivers` of a configuration.
 *
 * @example mongodb({ name: 'main', url: env('MONGODB_URL') })
 */
export function mongodb(options: MongodbOptions = {}): DriverConfig<Omit<MongodbOptions, 'name'>> {
  const { name = 'mongodb', ...rest } = options
  return { use: '@dustpan/mongodb', name, options: rest }
}

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)

const rules: OptionRules<Settings> = {
  url: ['a connection string such as mongodb://localhost:27017/shop', isUrl],
  softDelete: ['the fields to set, and their values, for each collection', eachOf(someOf(() => true))],
  deletion: sharedRules.deletion,
  references: ['fields and the collections that they refer to, for each collection', eachOf(someOf(isText))],
  mark: ['true, false, or { run, tags, flag, collections }', (value) => isFlag(value) || isMark(value)],
  capture: sharedRules.capture,
  kinds: [
    'for each kind the parts table, owner, tag, run, createdAt; owner may be { column, is, lowerCase }',
    (value) => wrongKinds(value, undefined) === undefined,
  ],
  owners: sharedRules.owners,
  ignoreCollections: ["a list of collections' names", isTexts],
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` that names the option, the expected and the actual value. */
export function checkOptions(driver: string, options: unknown): Settings {
  return checkOptionRules(driver, options, rules)
}

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && parseAddress(value) !== undefined
}

function isMark(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { run = true, tags = 'tags', flag = 'flag', collections = [], ...others } = value
  return isFlag(run) && isText(tags) && isText(flag) && isTexts(collections) && Object.keys(others).length === 0
}
