import type { Case } from '../case.ts'
import { application } from './application.ts'
import { attempts } from './attempts.ts'
import { concurrency } from './concurrency.ts'
import { crashes } from './crashes.ts'
import { deferred } from './deferred.ts'
import { endings } from './endings.ts'
import { failingCleanup } from './failing-cleanup.ts'
import { mocks } from './mocks.ts'
import { pools } from './pools.ts'
import { safety } from './safety.ts'
import { selection } from './selection.ts'
import { sharedData } from './shared-data.ts'
import { sharedLedger } from './shared-ledger.ts'
import { timing } from './timing.ts'
import { titles } from './titles.ts'

/** Every runner must pass every one of these. */
export const cases: readonly Case[] = [
  ...endings,
  ...attempts,
  ...timing,
  ...concurrency,
  ...sharedData,
  ...titles,
  ...mocks,
  ...pools,
  ...failingCleanup,
  ...deferred,
  ...sharedLedger,
  ...safety,
  ...application,
  ...selection,
  ...crashes,
]
