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
    title: 'a run takes what carries its id, not one that begins alike',
    what: { run: 'run-a' },
    gone: { items: [1, 5] },
  },
  {
    title: 'a tag takes what has it among others, in this case only',
    what: { tag: 'test-data' },
    gone: { items: [1, 3] },
  },
  { title: 'true is the tag test-data', what: { tag: true }, gone: { items: [1, 3] } },
  {
    title: 'an owner takes everything the owner created, by other columns too, and keeps the owner',
    what: { owner: 1 },
    gone: { items: [1, 2, 5], otps: [1, 2], logs: [1, 2] },
    preserved: { user: true },
  },
  {
    title: 'kinds are switched off one by one',
    what: { owner: 1, except: ['otps', 'logs'] },
    gone: { items: [1, 2, 5] },
    preserved: { user: true },
  },
  {
    title: 'kinds are named one by one',
    what: { owner: 1, types: 'otps' },
    gone: { otps: [1, 2] },
    preserved: { user: true },
    fields: true,
  },
  { title: 'an age by itself takes only what carries a run', what: { olderThan: '7d' }, gone: { items: [1, 3] } },
  {
    title: 'of a kind that is named an age takes all',
    what: { types: 'items', olderThan: '7d' },
    gone: { items: [1, 3, 4] },
    fields: true,
  },
  { title: 'created before', what: { tag: 'staging', createdBefore: threeDaysAgo }, gone: { items: [3] } },
  { title: 'created after', what: { run: 'run-a', createdAfter: threeDaysAgo.toISOString() }, gone: { items: [5] } },
  {
    title: 'a pattern: % stands for any text, _ for itself, and letters are told apart',
    what: { types: 'items', where: { name: 'test_%' } },
    gone: { items: [5] },
    fields: true,
  },
  {
    title: 'a pattern of the beginning',
    what: { types: 'items', where: { name: 'test-%' } },
    gone: { items: [1, 3] },
    fields: true,
  },
  { title: 'a value', what: { types: 'items', where: { name: 'chair' } }, gone: { items: [4] }, fields: true },
  { title: 'a number', what: { types: 'items', where: { id: 4 } }, gone: { items: [4] }, fields: true },
  {
    title: 'a value that looks like SQL',
    what: { types: 'items', where: { name: "x' OR '1'='1" } },
    gone: {},
    fields: true,
  },
  {
    title: 'all that is given must hold',
    what: { tag: 'test-data', where: { name: 'test-%' }, createdBefore: threeDaysAgo, owner: 2 },
    gone: { items: [3] },
    preserved: { user: true },
    fields: true,
  },
  {
    title: 'what carries the id of a run that nobody knows stays as long as that may be going on',
    what: { owner: 1, except: ['otps', 'logs'] },
    protect: { youngerThan: '24h' },
    gone: { items: [1, 2] },
    preserved: { user: true },
    fields: true,
  },
  {
    title: 'also by another condition',
    what: { types: 'items', where: { name: 'test_%' } },
    protect: { youngerThan: '24h' },
    gone: {},
    fields: true,
  },
  {
    title: 'a run that is asked for is meant, however young its things are',
    what: { run: 'run-a' },
    protect: { youngerThan: '24h' },
    gone: { items: [1, 5] },
    fields: true,
  },
  { title: 'nothing matches', what: { run: 'run-z' }, gone: {} },
]
