/** The cases: what each predicate removes; everything else stays. */
import type { ProtectOptions } from '@dustpan/core'
import type { HowToRemove, WhatToRemove } from '@dustpan/core/ledger'
import { dateOf, type Left } from './world.ts'

export interface PredicateCase {
  readonly title: string
  readonly what: WhatToRemove & HowToRemove
  readonly protect?: ProtectOptions
  readonly gone: Partial<Left>
  /** The outcome's `preserved`, with the owner. */
  readonly preserved?: object
  /** For databases only. */
  readonly fields?: true
}

const threeDaysAgo = dateOf({ daysOld: 3 })

export const predicateCases: readonly PredicateCase[] = [
  {
    title: 'run: only resources with exactly this run id are removed',
    what: { run: 'run-a' },
    gone: { items: [1, 5] },
  },
  {
    title: 'tag: resources with this tag among others are removed, case-sensitively',
    what: { tag: 'test-data' },
    gone: { items: [1, 3] },
  },
  { title: 'tag: true means test-data', what: { tag: true }, gone: { items: [1, 3] } },
  {
    title: 'owner: everything of the owner is removed, also by other columns, but not the owner',
    what: { owner: 1 },
    gone: { items: [1, 2, 5], otps: [1, 2], logs: [1, 2] },
    preserved: { user: true },
  },
  {
    title: 'except: these kinds are excluded',
    what: { owner: 1, except: ['otps', 'logs'] },
    gone: { items: [1, 2, 5] },
    preserved: { user: true },
  },
  {
    title: 'types: only these kinds are removed',
    what: { owner: 1, types: 'otps' },
    gone: { otps: [1, 2] },
    preserved: { user: true },
    fields: true,
  },
  {
    title: 'olderThan: only old resources with a run id are removed',
    what: { olderThan: '7d' },
    gone: { items: [1, 3] },
  },
  {
    title: 'olderThan with types: all old resources of these kinds are removed',
    what: { types: 'items', olderThan: '7d' },
    gone: { items: [1, 3, 4] },
    fields: true,
  },
  {
    title: 'createdBefore: only earlier resources are removed',
    what: { tag: 'staging', createdBefore: threeDaysAgo },
    gone: { items: [3] },
  },
  {
    title: 'createdAfter: only later resources are removed',
    what: { run: 'run-a', createdAfter: threeDaysAgo.toISOString() },
    gone: { items: [5] },
  },
  {
    title: 'where: % matches any text, _ only itself, and patterns are case-sensitive',
    what: { types: 'items', where: { name: 'test_%' } },
    gone: { items: [5] },
    fields: true,
  },
  {
    title: 'where: a pattern can match the beginning',
    what: { types: 'items', where: { name: 'test-%' } },
    gone: { items: [1, 3] },
    fields: true,
  },
  {
    title: 'where: a text must be equal',
    what: { types: 'items', where: { name: 'chair' } },
    gone: { items: [4] },
    fields: true,
  },
  {
    title: 'where: a number must be equal',
    what: { types: 'items', where: { id: 4 } },
    gone: { items: [4] },
    fields: true,
  },
  {
    title: 'where: a value that looks like SQL is treated as a value',
    what: { types: 'items', where: { name: "x' OR '1'='1" } },
    gone: {},
    fields: true,
  },
  {
    title: 'several conditions must all hold',
    what: { tag: 'test-data', where: { name: 'test-%' }, createdBefore: threeDaysAgo, owner: 2 },
    gone: { items: [3] },
    preserved: { user: true },
    fields: true,
  },
  {
    title: 'youngerThan: resources of an unknown run are kept as long as it may be active',
    what: { owner: 1, except: ['otps', 'logs'] },
    protect: { youngerThan: '24h' },
    gone: { items: [1, 2] },
    preserved: { user: true },
    fields: true,
  },
  {
    title: 'youngerThan: resources of an unknown run are kept when matched by where',
    what: { types: 'items', where: { name: 'test_%' } },
    protect: { youngerThan: '24h' },
    gone: {},
    fields: true,
  },
  {
    title: 'youngerThan: young resources are removed when their run is named',
    what: { run: 'run-a' },
    protect: { youngerThan: '24h' },
    gone: { items: [1, 5] },
    fields: true,
  },
  { title: 'run: nothing is removed when no resource matches', what: { run: 'run-z' }, gone: {} },
]
