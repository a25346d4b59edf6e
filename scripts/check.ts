import { docs } from './checks/docs.ts'
import { driverShape } from './checks/driver-shape.ts'
import { exportLists } from './checks/export-lists.ts'
import { fences } from './checks/fences.ts'
import { formatAndLint } from './checks/format-and-lint.ts'
import { publint } from './checks/publint.ts'
import { runChecks } from './checks/run-checks.ts'
import { tarballSizes } from './checks/tarball-sizes.ts'
import { types } from './checks/types.ts'

const checks = {
  'format and lint': formatAndLint,
  types,
  fences,
  docs,
  'shape of drivers': driverShape,
  'export lists': exportLists,
  publint,
  'tarball sizes': tarballSizes,
}

const clean = await runChecks(checks, { update: process.argv.includes('--update') })
process.exitCode = clean ? 0 : 1
