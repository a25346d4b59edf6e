import { stat } from 'node:fs/promises'
import { packAll } from '../pack.ts'

/** Maximum size of each tarball in bytes. Explain an increase in the commit. */
const budgets: Record<string, number> = {
  '@dustpan/core': 504_000,
  '@dustpan/cli': 130_000,
  '@dustpan/postgres': 198_000,
  '@dustpan/mysql': 118_000,
  '@dustpan/sqlite': 100_000,
  '@dustpan/mongodb': 60_000,
  '@dustpan/redis': 70_000,
  '@dustpan/clickhouse': 66_000,
  '@dustpan/kafka': 55_000,
  '@dustpan/postgres-ledger': 30_000,
  '@dustpan/redis-ledger': 30_000,
  '@dustpan/vitest-plugin': 20_000,
  '@dustpan/jest-environment': 20_000,
  '@dustpan/playwright-reporter': 20_000,
  '@dustpan/mocha-plugin': 20_000,
  '@dustpan/node-test': 20_000,
  '@dustpan/app-endpoints': 30_000,
}

export async function tarballSizes(): Promise<string[]> {
  const findings = await Promise.all([...(await packAll())].map(([name, tarball]) => compare(name, tarball)))
  return findings.flat()
}

async function compare(name: string, tarball: string): Promise<string[]> {
  const { size } = await stat(tarball)
  const budget = budgets[name]
  if (budget === undefined)
    return [`${name} has no budget in scripts/checks/tarball-sizes.ts; its tarball has ${size} bytes`]
  return size > budget ? [`${name}: the tarball has ${size} bytes, its budget is ${budget}`] : []
}
