import type { DriverCase } from '../case.ts'
import { backup } from './backup.ts'
import { capture } from './capture.ts'
import { connections } from './connections.ts'
import { manifest } from './manifest.ts'
import { processes } from './processes.ts'
import { refusals } from './refusals.ts'
import { removal } from './removal.ts'
import { secrets } from './secrets.ts'
import { transactions } from './transactions.ts'

/** Every driver must pass every one of these. */
export const driverCases: readonly DriverCase[] = [
  ...removal,
  ...refusals,
  ...capture,
  ...transactions,
  ...processes,
  ...connections,
  ...backup,
  ...secrets,
  ...manifest,
]
