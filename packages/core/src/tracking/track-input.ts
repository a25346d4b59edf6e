/** The input of `track()`, and its validation. */
import { inspect } from 'node:util'
import type { Duration } from '../config/duration.ts'
import { milliseconds } from '../config/duration.ts'
import { invalidArgument } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import { type Json, type Lifetime, lifetimes, type ResourceId } from '../resource/resource.ts'
import { isJson } from './json.ts'
import type { RemovalSpec } from './removal-spec.ts'
import type { Tracked } from './track.ts'

/** A child: removed together with its parent, before it. */
export interface ChildSpec {
  type: string
  /** `{id}` is the parent's id. */
  remove: RemovalSpec
}

export interface TrackInput {
  /** The resource's type: `user`, `order`, `file`. */
  type: string
  /** Its id; the path of a file or folder. An array of scalars is one composite key. */
  id?: Json
  /** Ids of several resources of this type, with the same removal. */
  ids?: readonly Json[]
  /** How to remove it. Optional for files, folders and shared resources. */
  remove?: RemovalSpec
  /** Further removals, tried in turn once the removal has failed for good. */
  fallback?: RemovalSpec | readonly RemovalSpec[]
  /** Children, removed before it, in reverse order. */
  children?: readonly ChildSpec[]
  /** Resources that must outlive it: handles or tracking ids. */
  dependsOn?: Tracked | ResourceId | readonly (Tracked | ResourceId)[]
  /** Tracked, but never removed. @default false */
  shared?: boolean
  /** @default the configuration's `lifetime` */
  lifetime?: Lifetime
  tags?: readonly string[]
  metadata?: { readonly [key: string]: Json }
  /** Due after this time even if its scope is still open, or keeps it. At most 24 hours, unless `lifetime` is `persistent`. */
  expiresIn?: Duration
}

/** Returns the keys of the created resources. @throws TypeError `DUSTPAN_INVALID_ARGUMENT` */
export function checkInput(input: TrackInput): readonly Json[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw invalidArgument(`track() expected an object, got ${show(input)}.`)
  const { type } = input
  if (typeof type !== 'string' || type === '')
    throw invalidArgument(`track() expected type to be a non-empty string, got ${show(type)}.`)
  for (const [name, value] of Object.entries(input)) checkOption(type, name, value)
  return checkKeys(input)
}

type Check = readonly [expected: string, test: (value: unknown) => boolean]

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isRemoval = (value: unknown) => isText(value) || typeof value === 'function' || isObject(value)
const isHandle = (value: unknown) => Array.isArray((value as Tracked | null)?.ids)
const oneOrList = (test: (value: unknown) => boolean) => (value: unknown) => [value].flat().every(test)

const removal = "a request such as 'DELETE /users/{id}', an object or a function"

const checks: { readonly [Name in keyof Required<TrackInput>]: Check } = {
  type: ['a non-empty string', isText],
  id: ['a string, a number or an array of them', isKey],
  ids: ['an array of ids', Array.isArray],
  remove: [removal, isRemoval],
  fallback: [`${removal}, or a list of these`, oneOrList(isRemoval)],
  children: ['a list of { type, remove }', (value) => Array.isArray(value) && value.every(isChild)],
  dependsOn: [
    'what track() returned, a tracking id, or a list of these',
    oneOrList((one) => isText(one) || isHandle(one)),
  ],
  shared: ['true or false', (value) => typeof value === 'boolean'],
  lifetime: [`one of ${lifetimes.join(', ')}`, (value) => (lifetimes as readonly unknown[]).includes(value)],
  tags: ['a list of strings', (value) => Array.isArray(value) && value.every((tag) => typeof tag === 'string')],
  metadata: ['an object of JSON values', (value) => isObject(value) && isJson(value)],
  expiresIn: ["a duration such as '2h' or a number of milliseconds", (value) => milliseconds(value) !== undefined],
}

function checkOption(type: string, name: string, value: unknown): void {
  if (!Object.hasOwn(checks, name)) {
    const known = Object.keys(checks).join(', ')
    throw invalidArgument(`track() of a ${type} expected its options to be ${known}, got ${JSON.stringify(name)}.`)
  }
  const [expected, test] = checks[name as keyof TrackInput]
  if (value !== undefined && !test(value)) throw wrong(type, name, expected, value)
}

function checkKeys({ type, id, ids }: TrackInput): readonly Json[] {
  if ((id === undefined) === (ids === undefined))
    throw invalidArgument(
      `track() of a ${type} expected either id or ids, got ${id === undefined ? 'neither' : 'both'}.`,
    )
  if (ids === undefined) return [id as Json]
  const wrongKey = ids.findIndex((key) => !isKey(key))
  if (wrongKey >= 0) throw wrong(type, `ids[${wrongKey}]`, checks.id[0], ids[wrongKey])
  return [...ids]
}

function wrong(type: string, name: string, expected: string, value: unknown): TypeError {
  const hint = typeof value === 'bigint' ? 'Give a bigint as a string.' : undefined
  return invalidArgument(`track() of a ${type} expected ${name} to be ${expected}, got ${show(value)}.`, hint)
}

function isKey(value: unknown): boolean {
  return isScalar(value) || (Array.isArray(value) && value.length > 0 && value.every(isScalar))
}

const isScalar = (value: unknown): boolean => isText(value) || Number.isFinite(value) || typeof value === 'boolean'

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isChild(value: unknown): boolean {
  if (!isObject(value)) return false
  const { type, remove, ...rest } = value as Record<string, unknown>
  return isText(type) && isRemoval(remove) && Object.keys(rest).length === 0
}

function show(value: unknown): string {
  return redact(inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY })).slice(0, 80)
}
